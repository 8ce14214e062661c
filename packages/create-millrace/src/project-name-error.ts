/** A folder or name that no project can be made from. */
export class ProjectNameError extends Error {
  override readonly name = "ProjectNameError";
}
