import { MillraceError } from "@millrace/core";

/** The SQL of a model gives other columns than it declares. */
export class ModelColumnsError extends MillraceError {
  readonly code = "MODEL_COLUMNS";
  readonly retryable = false;
  readonly model: string;

  constructor(model: string, problems: readonly string[]) {
    super(`describing model "${model}": ${problems.join("; ")}`, { advice: "the columns of the SELECT must be those of the model's `columns`, in order" });
    this.model = model;
  }
}
