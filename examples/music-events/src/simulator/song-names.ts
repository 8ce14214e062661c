import type { Faker } from "@faker-js/faker";
import type { Random } from "./random.js";

/** Names that an ASCII-only, a Latin-1-only or a careless UTF-8 consumer gets wrong. All but the first are made up. */
const accentedArtists: readonly string[] = [
  "Björk",
  "Los Años Ñandú",
  "Sólveig Ránardóttir",
  "Café Münchën",
  "Forêt Électrique",
  "Ægir & Øya",
  "João Três Corações",
  "Kačka Řeřicha",
  "Żółta Łódź",
  "Северный Ветер",
  "夜の電車",
  "Διπλή Σελήνη",
];

const accentedWords: readonly string[] = [
  "Corazón",
  "Été",
  "Ångström",
  "Señorita",
  "Über",
  "Façade",
  "Naïveté",
  "Żal",
  "Þoka",
];

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** `rank` 0 is the most played artist. Every 20th of the first has a name from the list above. */
export function artistName(rank: number, faker: Faker, random: Random): string {
  const accented = rank % 20 === 4 ? accentedArtists[(rank - 4) / 20] : undefined;
  if (accented !== undefined) return accented;

  const adjective = () => capitalised(faker.word.adjective());
  const noun = () => capitalised(faker.word.noun());
  const fullName = () => `${faker.person.firstName()} ${faker.person.lastName()}`;
  const shapes = [
    () => `The ${adjective()} ${noun()}`,
    fullName,
    () => `${adjective()} ${noun()}`,
    () => `${noun()} & ${noun()}`,
    () => `${faker.person.firstName()} "${adjective()}" ${faker.person.lastName()}`,
    () => `${fullName()} / ${fullName()}`,
  ];
  return random.oneOf(random.uniform() < 0.9 ? shapes.slice(0, 4) : shapes)();
}

/** About 5 in 100 titles are not ASCII, and 1 in 100 holds quotation marks. */
export function songTitle(faker: Faker, random: Random): string {
  const adjective = () => capitalised(faker.word.adjective());
  const noun = () => capitalised(random.uniform() < 0.035 ? random.oneOf(accentedWords) : faker.word.noun());
  const shapes = [
    () => `${adjective()} ${noun()}`,
    () => `The ${noun()} and the ${noun()}`,
    () => noun(),
    () => `${noun()} of ${noun()}`,
    () => `${adjective()} ${noun()} (Live)`,
  ];
  const title = random.oneOf(shapes)();
  return random.uniform() < 0.01 ? `${title} ("${adjective()}" Mix)` : title;
}
