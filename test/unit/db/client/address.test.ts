import { describe, expect, it } from "vitest";
import { connectionTo, parseDatabaseAddress } from "../../../../src/db/client/address.ts";
import { CERTIFICATE_FILE } from "../../../support/tls-stand-in.ts";

const file = encodeURIComponent(CERTIFICATE_FILE);
const tlsOf = (parameters: string) => parseDatabaseAddress(`postgres://h/db?${parameters}`).tls;

it("parseDatabaseAddress returns the parts of an address", () => {
  expect(parseDatabaseAddress("postgresql://a%40b:p%25s%2Fs@h:6432/d%20b")).toMatchObject({
    host: "h",
    port: 6432,
    user: "a@b",
    password: "p%s/s",
    database: "d b",
    tls: null,
    unused: [],
  });
  expect(parseDatabaseAddress("postgres://u@[::1]:5433/db")).toMatchObject({
    host: "::1",
    port: 5433,
  });
  expect(parseDatabaseAddress("postgres://u@[fe80::2]/db")).toMatchObject({ host: "fe80::2" });
  expect(parseDatabaseAddress("postgres://u:p@/db?host=/cloudsql/a:b:c")).toMatchObject({
    socketPath: "/cloudsql/a:b:c/.s.PGSQL.5432",
  });
  expect(parseDatabaseAddress("postgres://u:p@%2Frun%2Fpg:5433/db")).toMatchObject({
    socketPath: "/run/pg/.s.PGSQL.5433",
  });
});

it("an IPv6 address is one host", () => {
  expect(connectionTo("postgres://u@[::1]:5433/db", { applicationName: "x" })).toMatchObject({
    host: ["::1"],
    port: [5433],
  });
});

describe("encryption and certificate checks", () => {
  it.each(["", "sslmode=disable", "ssl=false"])("%j does not encrypt", (parameters) => {
    expect(tlsOf(parameters)).toBeNull();
  });
  it.each(["sslmode=prefer", "sslmode=allow"])("%j encrypts if the server can", (parameters) => {
    expect(tlsOf(parameters)).toBe("prefer");
  });
  it.each(["sslmode=require", "ssl=require", "sslmode=no-verify"])(
    "%j encrypts without checks",
    (text) => {
      expect(tlsOf(text)).toMatchObject({ servername: "h", rejectUnauthorized: false });
    },
  );
  it.each(["sslmode=verify-ca", `sslmode=require&sslrootcert=${file}`])(
    "%j checks the certificate, but not its name",
    (parameters) => {
      const tls = tlsOf(parameters);
      expect(tls).not.toHaveProperty("rejectUnauthorized");
      expect(tls).toHaveProperty("checkServerIdentity");
    },
  );
  it.each([
    "sslmode=verify-full",
    "ssl=true",
    "ssl=verify-full",
    "sslmode=require&sslrootcert=system",
    "sslmode=require&sslaccept=strict",
    `sslmode=verify-full&sslrootcert=${file}`,
  ])("all of it: %j", (parameters) => {
    const tls = tlsOf(parameters);
    expect(tls).toMatchObject({ servername: "h", host: "h" });
    expect(tls).not.toHaveProperty("rejectUnauthorized");
    expect(tls).not.toHaveProperty("checkServerIdentity");
  });
  it("no server name is sent for an IP address", () => {
    for (const host of ["127.0.0.1", "[::1]"]) {
      const { tls } = parseDatabaseAddress(`postgres://${host}/db?sslmode=verify-full`);
      expect(tls).not.toHaveProperty("servername");
    }
  });
});

it.each([
  "channel_binding=require",
  "pgbouncer=true&connection_limit=1&pool_timeout=0",
  "schema=public",
  "target_session_attrs=any",
  "target_session_attrs=read-write",
  "supa=base-pooler.x",
  "workaround=supabase-pooler.vercel",
  "connect_timeout=15&gssencmode=disable&client_encoding=UTF8",
])("parameters of other clients never reach the server: %s", (parameters) => {
  const url = `postgres://h/db?${parameters}`;
  expect(parseDatabaseAddress(url).unused).toEqual(
    parameters.split("&").map((one) => one.split("=")[0]),
  );
  expect(connectionTo(url, { applicationName: "x" })).toMatchObject({
    connection: { application_name: "x" },
  });
  expect(connectionTo(url, { applicationName: "x" })).not.toHaveProperty("target_session_attrs");
});

it("PostgreSQL's startup parameters are passed on", () => {
  const url = "postgres://h/db?application_name=mine&options=endpoint%3Dep-cool-1";
  expect(connectionTo(url, { applicationName: "x" }).connection).toEqual({
    application_name: "mine",
    options: "endpoint=ep-cool-1",
  });
});
