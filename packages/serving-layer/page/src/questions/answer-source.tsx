import type { QuestionDescription } from "../../../src/questions/describe-question.js";
import type { Envelope } from "../../../src/query/answer.js";
import { formatValue } from "../text/format-number.js";
import { fullTime } from "../text/format-time.js";

interface AnswerSourceProps {
  readonly answeredBy: QuestionDescription["answeredBy"];
  readonly envelope: Envelope;
  readonly zone: string;
}

/** What an answer is made of: its generation, where that is cut, and what is not in it yet. */
export function AnswerSource({ answeredBy, envelope: { generation, cut, asOf, behind, watermark, provisional }, zone }: AnswerSourceProps) {
  const from = answeredBy === "warehouse" ? `From generation ${formatValue(generation)}, up to its cut` : generation === 0 ? "From the speed layer alone: no generation yet" : `From generation ${formatValue(generation)} below its cut, and the speed layer above`;
  const newer = behind === 0 ? "everything that the log holds" : `${formatValue(behind)} ${behind === 1 ? "record" : "records"} of the log not in it yet`;
  const partitions = asOf.map(({ topic, partition, offset }) => ({ topic, partition, offset, cut: cut[topic]?.find((one) => one.partition === partition)?.offset }));
  return (
    <details class="source">
      <summary>
        {from}; {newer}
      </summary>
      <p>
        {watermark === null ? "How far its event times reach is not known for every partition" : `Its event times reach ${fullTime(zone, watermark)}`}
        {provisional ? "; events may still come that belong into this range." : "; this range is final but for late events."}
      </p>
      <ul class="missing">
        {partitions.map(({ topic, partition, offset, cut: below }) => (
          <li key={`${topic}/${partition}`}>
            {topic} partition {partition}: {below === undefined ? "no cut" : `cut at offset ${formatValue(below)}`}
            {below === offset ? "" : `, holds everything below ${formatValue(offset)}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
