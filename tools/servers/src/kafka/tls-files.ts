import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { generate } from "selfsigned";

/** Where the certificate of an instance is, below its run folder. */
export const tlsFiles = { certificate: "tls/certificate.pem", keystore: "tls/keystore.pem" } as const;

/** Makes a certificate for 127.0.0.1 and localhost that vouches for itself, unless there is one. */
export async function makeTlsFiles(runDir: string): Promise<void> {
  const keystore = path.join(runDir, tlsFiles.keystore);
  if (existsSync(keystore)) return;
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  mkdirSync(path.dirname(keystore), { recursive: true });
  writeFileSync(path.join(runDir, tlsFiles.certificate), cert);
  // Kafka reads key and chain of certificates from one file.
  writeFileSync(keystore, `${key.trim()}\n${cert.trim()}\n`, { mode: 0o600 });
}

/** The certificate of an instance, PEM. */
export const readCertificate = (runDir: string): string => readFileSync(path.join(runDir, tlsFiles.certificate), "utf8");
