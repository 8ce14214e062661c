import { expect, it } from "vitest";
import { hadoopXml } from "./hadoop-xml.js";

it("is a file of settings, whatever is in a value", () => {
  expect(hadoopXml({ "a.b": "1", path: "file:///a&b<c>" })).toBe(
    "<configuration>\n  <property><name>a.b</name><value>1</value></property>\n  <property><name>path</name><value>file:///a&amp;b&lt;c&gt;</value></property>\n</configuration>\n",
  );
  expect(hadoopXml({})).toBe("<configuration>\n</configuration>\n");
});
