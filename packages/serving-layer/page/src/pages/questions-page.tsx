import { useMemo } from "preact/hooks";
import type { QuestionDescription } from "../../../src/questions/describe-question.js";
import { Choice } from "../controls/choice.js";
import { DataTable, type TableData } from "../panels/data-table.js";
import { PanelCard } from "../panels/panel-card.js";
import { SeriesLegend } from "../panels/series-legend.js";
import { AnswerSource } from "../questions/answer-source.js";
import { QuestionChart } from "../questions/question-chart.js";
import { QuestionForm } from "../questions/question-form.js";
import { columnsOf, shapeOf } from "../questions/question-shape.js";
import { useQuestion, type AskedQuestion } from "../questions/use-question.js";
import type { AnyRow } from "../services/live-connection.js";
import type { PageLocation } from "../settings/page-location.js";
import { describeRange, MINUTE_MS, stepOf, type ShownRange } from "../settings/settings.js";
import { usePalette } from "../charts/use-palette.js";
import { DocText } from "../text/doc-text.js";
import { formatKey, formatValue } from "../text/format-number.js";
import { fullTime, windowLabel } from "../text/format-time.js";
import { labelOf } from "../text/label-of.js";
import { windowStart } from "../text/zoned-time.js";

interface QuestionsPageProps {
  readonly questions: readonly QuestionDescription[];
  readonly location: PageLocation;
  /** The time of the views' clock, epoch ms; undefined before the server said it. */
  readonly now: number | undefined;
  readonly hrefOf: (change: Partial<PageLocation>) => string;
  readonly go: (change: Partial<PageLocation>) => void;
}

const ANOTHER = { asked: {}, show: undefined } as const;

/** The declared questions, and the answer to one. */
export function QuestionsPage({ questions, location, now, hrefOf, go }: QuestionsPageProps) {
  const question = location.question === undefined ? questions[0] : questions.find(({ name }) => name === location.question);
  return (
    <div class="questions">
      <nav class="question-list" aria-label="Questions">
        <ul>
          {questions.map(({ name, doc, answeredBy }) => (
            <li key={name}>
              <a href={hrefOf({ question: name, ...ANOTHER })} {...(name === question?.name ? { "aria-current": "page" as const } : {})}>
                <strong>{labelOf(name)}</strong>
                <span>
                  <DocText text={doc} />
                </span>
                <span class="question-by">{answeredBy === "views" ? "views, live" : "warehouse"}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="question">
        <div class="question-choice">
          <Choice label="Question" value={question?.name ?? ""} options={questions.map(({ name }) => ({ value: name, label: labelOf(name) }))} onChange={(name) => go({ question: name, ...ANOTHER })} />
        </div>
        {question === undefined ? <p class="nothing page-nothing">There is no question “{location.question}”.</p> : <QuestionView key={question.name} question={question} location={location} now={now} go={go} />}
      </div>
    </div>
  );
}

interface QuestionViewProps extends Pick<QuestionsPageProps, "location" | "now" | "go"> {
  readonly question: QuestionDescription;
}

/** One question: what it tells, what it is asked, and its answer as a picture and as a table. */
function QuestionView({ question, location, now, go }: QuestionViewProps) {
  const { settings, asked, show } = location;
  const { range, zone } = settings;
  const granularity = settings.granularity ?? question.granularity;
  const rolls = !("from" in range);
  const shown = now === undefined && rolls ? undefined : rangeOf(range, granularity, zone, now ?? 0);
  const watched = useQuestion(shown === undefined ? undefined : askedOf(question, granularity, zone, asked, range, shown));
  const { values } = columnsOf(question);
  const value = values.find((name) => name === show) ?? values[0];
  const { state } = watched;
  const answered = state.kind === "answer" ? state.answer : undefined;
  const of = watched.asked?.granularity ?? granularity;
  const shape = useMemo(() => shapeOf(question, answered?.rows ?? [], of, zone, value), [question, answered, of, zone, value]);
  const palette = usePalette();
  const table = useMemo(() => tableOf(question, answered?.rows ?? [], of, zone), [question, answered, of, zone]);
  const title = labelOf(question.name);
  return (
    <>
      <div class="view-head">
        <div>
          <h2>{title}</h2>
          <p>
            <DocText text={question.doc} />
          </p>
          <p class="question-from">
            {question.answeredBy === "views" ? "From views, with all that the log holds: " : "From the warehouse, as of the current generation: "}
            <code>{question.from.join(", ")}</code>
          </p>
        </div>
      </div>
      <div class="question-bar">
        <QuestionForm question={question} asked={asked} onChange={(name, text) => go({ asked: Object.fromEntries(Object.entries({ ...asked, [name]: text }).filter(([, one]) => one !== "")) })} />
        {values.length < 2 || shape.kind === "figures" ? null : <Choice label="Chart" value={value ?? ""} options={values.map((name) => ({ value: name, label: labelOf(name) }))} onChange={(name) => go({ show: name })} />}
      </div>
      <div class="panels">
        <PanelCard
          title={value === undefined ? title : shape.kind === "figures" ? "Answer" : labelOf(value)}
          note={`${of === "all" ? "Total" : `By ${of}`}, ${shown === undefined ? describeRange(range) : `${fullTime(zone, shown.from)} to ${fullTime(zone, shown.until)}`}`}
          size="full"
          kind={shape.kind === "bars" ? "bars" : "time"}
          watched={[watched]}
          empty={answered?.rows.length === 0}
          legend={(shape.kind === "time" || shape.kind === "bars") && shape.series.length > 1 ? <SeriesLegend series={shape.series.map(({ name }, i) => ({ name, colour: palette.series[i % palette.series.length]! }))} /> : null}
        >
          {shape.kind === "none" ? <p class="nothing">The answer has no numbers to draw: see the table.</p> : <QuestionChart title={title} shape={shape} granularity={of} zone={zone} open={answered?.envelope.provisional ?? false} />}
        </PanelCard>
        {answered === undefined ? null : <AnswerSource answeredBy={question.answeredBy} envelope={answered.envelope} zone={zone} />}
        {answered === undefined || answered.rows.length === 0 ? null : (
          <section class={`panel size-full ${watched.before ? "before" : ""}`} aria-label="All rows">
            <div class="panel-body">
              <DataTable data={table} caption={`${title}: rows`} />
              {answered.rows.length > MOST_ROWS ? <p class="elsewhere">The {of === "all" ? "first" : "newest"} {formatValue(MOST_ROWS)} of {formatValue(answered.rows.length)} rows.</p> : null}
            </div>
          </section>
        )}
      </div>
    </>
  );
}

/** Rows that the table has; more would make the page slow, and nobody reads them. */
const MOST_ROWS = 1_000;

/** Newest windows first, as in every table of the page; the rows of a window in the answer's order. */
function tableOf({ columns }: QuestionDescription, rows: readonly AnyRow[], granularity: string, zone: string): TableData {
  const shown = columns.filter(({ name }) => name !== "window" || granularity !== "all");
  const { values } = columnsOf({ columns });
  const start = (row: AnyRow) => (row["window"] as Date | undefined)?.getTime() ?? 0;
  const ordered = granularity === "all" ? rows : [...rows].sort((a, b) => start(b) - start(a));
  const cell = (row: AnyRow, name: string) => {
    const value = row[name];
    if (name === "window") return windowLabel(zone, start(row), granularity);
    if (value instanceof Date) return fullTime(zone, value.getTime());
    return values.includes(name) ? formatValue(value) : formatKey(value);
  };
  return { columns: shown.map(({ name }) => ({ name: labelOf(name), number: values.includes(name) })), rows: ordered.slice(0, MOST_ROWS).map((row) => shown.map(({ name }) => cell(row, name))) };
}

/** A range that ends now moves on once a minute at most, and begins with a whole window: part of one would read as less. */
function rangeOf(range: ShownRange, granularity: string, zone: string, now: number): { readonly from: number; readonly until: number } {
  if ("from" in range) return { from: Date.parse(range.from), until: Date.parse(range.until) };
  const step = Math.max(MINUTE_MS, Math.ceil(stepOf(range.lastMs) / MINUTE_MS) * MINUTE_MS);
  const until = (Math.floor(now / step) + 1) * step;
  return { from: windowStart(zone, until - range.lastMs, granularity), until };
}

/** What was typed is sent as it is: the server says what is wrong with it. */
function askedOf(question: QuestionDescription, granularity: string, zone: string, asked: Readonly<Record<string, string>>, range: ShownRange, { from, until }: { readonly from: number; readonly until: number }): AskedQuestion {
  const parameters = { ...asked, granularity, zone };
  return { key: `${question.name}?${JSON.stringify([parameters, range])}`, name: question.name, from, until, granularity, parameters };
}
