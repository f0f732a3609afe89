import type { Ask } from "../live/prometheus.ts";
import type { ReadinessItem } from "../rollout/readiness/model.ts";
import { type Answered, judgeAnswer, type Question } from "../rollout/validation/validation.ts";
import type { Finding } from "./probes/model.ts";

export const answersTo = (questions: readonly Question[], ask: Ask): Promise<Answered[]> =>
  Promise.all(
    questions.map(async (question) => {
      const values = async (query: string) => (await ask(query)).map(({ value }) => value);
      const answers = await Promise.all(question.queries.map(values));
      return judgeAnswer(question, answers, question.baseline ? await values(question.baseline) : []);
    }),
  );

/** A report or a drill is more than a figure. */
const isFigure = (item: ReadinessItem): boolean =>
  [item.class, item.and].includes("P") && ["measurement", "policy"].includes(item.evidence);

/** What comes from the same line of a seed is about the same thing. */
export const isAbout = (item: ReadinessItem, source: { requirements?: readonly string[] | undefined }): boolean =>
  isFigure(item) && (source.requirements ?? []).some((one) => item.requirements.some((other) => other === one));

/** An item is proven by all figures that are about it together. */
export function provenBy(answered: readonly Answered[], items: readonly ReadinessItem[]): Finding[] {
  return items.flatMap((item) => {
    const own = answered.filter(({ criterion }) => isAbout(item, criterion));
    if (own.length === 0) return [];
    return {
      items: [item.id],
      holds: own.every(({ holds }) => holds),
      said: own.map(({ criterion, said }) => `${criterion.metric}: ${said}`).join(", "),
      figures: Object.fromEntries(own.map(({ criterion, said }) => [criterion.id, said])),
    };
  });
}
