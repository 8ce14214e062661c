import { useId, useState } from "preact/hooks";
import type { QuestionDescription } from "../../../src/questions/describe-question.js";
import { Choice } from "../controls/choice.js";
import { labelOf } from "../text/label-of.js";
import { columnsOf } from "./question-shape.js";

interface QuestionFormProps {
  readonly question: QuestionDescription;
  /** What is asked besides the settings, as texts. */
  readonly asked: Readonly<Record<string, string>>;
  /** An empty text asks what holds by default. */
  readonly onChange: (name: string, value: string) => void;
}

/** A question's limit and its own parameters. */
export function QuestionForm({ question, asked, onChange }: QuestionFormProps) {
  const { limit, parameters } = question;
  // A window has one row where nothing is told apart.
  const several = columnsOf(question).keys.length > 0;
  if (parameters.length === 0 && !several && asked["limit"] === undefined) return <div />;
  return (
    <div class="question-form" role="group" aria-label="What is asked">
      {parameters.map((parameter) => {
        const { name, kind, doc, values = [] } = parameter;
        const value = asked[name] ?? "";
        const byDefault = parameter.default === null ? "any" : String(parameter.default);
        if (kind === "flag" || kind === "choice") {
          const options = kind === "flag" ? ["true", "false"] : values;
          return <Choice key={name} label={labelOf(name)} value={value} options={[{ value: "", label: `${byDefault} (default)` }, ...options.map((option) => ({ value: option, label: option }))]} onChange={(chosen) => onChange(name, chosen)} />;
        }
        return <TextField key={name} label={labelOf(name)} title={doc} value={value} placeholder={byDefault} number={kind === "count"} onChange={(text) => onChange(name, text)} />;
      })}
      {several || asked["limit"] !== undefined ? <TextField label="Rows a window" title="Rows of each window, at most" value={asked["limit"] ?? ""} placeholder={limit === null ? "all" : String(limit)} number onChange={(text) => onChange("limit", text)} /> : null}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly title: string;
  readonly value: string;
  readonly placeholder: string;
  readonly number: boolean;
  readonly onChange: (value: string) => void;
}

/** A text that counts once it is entered or left. */
function TextField({ label, title, value, placeholder, number, onChange }: TextFieldProps) {
  const id = useId();
  // While one types: new answers draw the form anew, and the text must stay.
  const [typed, setTyped] = useState<string>();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <input
        id={id}
        class={number ? "short" : ""}
        title={title}
        value={typed ?? value}
        placeholder={placeholder}
        inputMode={number ? "numeric" : "text"}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          setTyped(undefined);
          onChange(event.currentTarget.value.trim());
        }}
        onBlur={() => setTyped(undefined)}
      />
    </div>
  );
}
