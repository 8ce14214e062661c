const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** A file of settings as Hadoop reads it. */
export function hadoopXml(settings: Readonly<Record<string, string>>): string {
  const text = (raw: string): string => raw.replace(/[&<>]/g, (sign) => ENTITIES[sign]!);
  const properties = Object.entries(settings).map(([name, value]) => `  <property><name>${text(name)}</name><value>${text(value)}</value></property>\n`);
  return `<configuration>\n${properties.join("")}</configuration>\n`;
}
