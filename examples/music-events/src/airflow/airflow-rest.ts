/** A run of a DAG, as REST tells it. */
export interface DagRun {
  readonly dag_run_id: string;
  readonly state: string;
  readonly run_type: string;
  readonly data_interval_end: string | null;
}

/** One task of a run. */
export interface TaskInstance {
  readonly task_id: string;
  readonly state: string | null;
  readonly try_number: number;
  readonly start_date: string | null;
  readonly end_date: string | null;
}

/** The part of Airflow's REST that a person uses who looks after two DAGs. */
export class AirflowRest {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws where the login is wrong */
  static async login({ url, user, password }: { readonly url: string; readonly user: string; readonly password: string }): Promise<AirflowRest> {
    const answer = await fetch(`${url}/auth/token`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username: user, password }) });
    if (!answer.ok) throw new Error(`logging in to "${url}": HTTP ${answer.status}`);
    return new AirflowRest(url, ((await answer.json()) as { readonly access_token: string }).access_token);
  }

  /** Names of the DAGs that are there, and files that are none. */
  async dags(): Promise<{ readonly names: readonly string[]; readonly importErrors: readonly string[] }> {
    const { dags } = await this.#ask<{ readonly dags: readonly { readonly dag_id: string }[] }>("GET", "dags");
    const { import_errors } = await this.#ask<{ readonly import_errors: readonly { readonly stack_trace: string }[] }>("GET", "importErrors");
    return { names: dags.map(({ dag_id }) => dag_id).sort(), importErrors: import_errors.map(({ stack_trace }) => stack_trace) };
  }

  /** From now on the scheduler runs it. */
  async unpause(dag: string): Promise<void> {
    await this.#ask("PATCH", `dags/${dag}`, { is_paused: false });
  }

  /** Its runs, the earliest interval first. */
  async runs(dag: string): Promise<readonly DagRun[]> {
    return (await this.#ask<{ readonly dag_runs: readonly DagRun[] }>("GET", `dags/${dag}/dagRuns?order_by=logical_date`)).dag_runs;
  }

  async tasks(dag: string, { dag_run_id }: DagRun): Promise<Readonly<Record<string, TaskInstance>>> {
    const { task_instances } = await this.#ask<{ readonly task_instances: readonly TaskInstance[] }>("GET", `dags/${dag}/dagRuns/${encodeURIComponent(dag_run_id)}/taskInstances`);
    return Object.fromEntries(task_instances.map((task) => [task.task_id, task]));
  }

  /** What a task printed at one try. */
  async log(dag: string, { dag_run_id }: DagRun, task: string, tryNumber: number): Promise<string> {
    return JSON.stringify(await this.#ask("GET", `dags/${dag}/dagRuns/${encodeURIComponent(dag_run_id)}/taskInstances/${task}/logs/${tryNumber}`));
  }

  /** The tasks of a run that failed run again. */
  async clearFailed(dag: string, { dag_run_id }: DagRun): Promise<void> {
    await this.#ask("POST", `dags/${dag}/clearTaskInstances`, { dry_run: false, dag_run_id, only_failed: true, reset_dag_runs: true });
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.#url}/api/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`asking Airflow "${method} ${path}": HTTP ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
