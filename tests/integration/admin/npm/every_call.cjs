// Every call of the admin API by @ory/kratos-client, and what came of it, as one JSON object on standard output.
// Usage: node every_call.cjs ADMIN_URL TAG IDENTITY_ID SESSION_ID ANOTHER_SESSION_ID (both sessions are the identity's)
"use strict";
const { Configuration, IdentityApi, CourierApi, MetadataApi } = require("@ory/kratos-client");

const [admin, tag, owner, session, other] = process.argv.slice(2);
const configuration = new Configuration({ basePath: admin });
const done = {};

// The client with a note of each call, so that one which is never called is noticed.
function noted(api, name) {
  const calls = Object.getOwnPropertyNames(Object.getPrototypeOf(api)).filter((call) => call !== "constructor");
  for (const call of calls) done[`${name}.${call}`] = null;
  return new Proxy(api, {
    get: (target, call) => async (...values) => {
      try {
        const answer = await target[call](...values);
        done[`${name}.${String(call)}`] = answer.status;
        return answer.data;
      } catch (error) {
        if (!error.response) throw error;
        done[`${name}.${String(call)}`] = error.response.status;
        return error.response.data;
      }
    },
  });
}

async function main() {
  const identities = noted(new IdentityApi(configuration), "identity");
  const courier = noted(new CourierApi(configuration), "courier");
  const metadata = noted(new MetadataApi(configuration), "metadata");
  const body = { schema_id: "default", traits: { email: `${tag}@example.com` }, external_id: tag };
  const made = await identities.createIdentity({ createIdentityBody: body });
  const id = made.id;
  const found = await identities.getIdentity({ id, includeCredential: ["password"] });
  const external = await identities.getIdentityByExternalID({ externalID: tag });
  const listed = await identities.listIdentities({ credentialsIdentifier: body.traits.email });
  const state = "inactive";
  const updated = await identities.updateIdentity({ id, updateIdentityBody: { ...body, state } });
  const jsonPatch = [{ op: "replace", path: "/metadata_public", value: { plan: "gold" } }];
  const patched = await identities.patchIdentity({ id, jsonPatch });
  const create = { schema_id: "default", traits: { email: `${tag}-batch@example.com` } };
  const batch = await identities.batchPatchIdentities({ patchIdentitiesBody: { identities: [{ create }, { create }] } });
  const code = await identities.createRecoveryCodeForIdentity({
    createRecoveryCodeForIdentityBody: { identity_id: owner, expires_in: "1h" },
  });
  const link = await identities.createRecoveryLinkForIdentity({
    createRecoveryLinkForIdentityBody: { identity_id: owner },
  });
  const schemas = await identities.listIdentitySchemas();
  const schema = await identities.getIdentitySchema({ id: "default" });
  const theirs = await identities.listIdentitySessions({ id: owner });
  const all = await identities.listSessions({ active: true, expand: ["identity", "devices"] });
  const one = await identities.getSession({ id: session, expand: ["identity"] });
  const extended = await identities.extendSession({ id: session });
  await identities.disableSession({ id: other });
  const disabled = await identities.getSession({ id: other });
  await identities.deleteIdentitySessions({ id: owner });
  await identities.deleteIdentityCredentials({ id: owner, type: "totp" });
  await identities.deleteIdentity({ id });
  const messages = await courier.listCourierMessages({ pageSize: 10 });
  const message = await courier.getCourierMessage({ id: "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11" });
  const version = await metadata.getVersion();
  const alive = await metadata.isAlive();
  const ready = await metadata.isReady();
  const seen = {
    same_identity: [found.id, external.id, listed[0].id, updated.id, patched.id].every((each) => each === id),
    state: updated.state,
    metadata: patched.metadata_public,
    batch: batch.identities.map((each) => each.action),
    recovery: [code.recovery_code.length, link.recovery_link.includes("token=")],
    schemas: [schemas.map((each) => each.id), schema.type],
    sessions: [theirs.map((each) => each.id).sort(), one.identity.id, extended.id, disabled.active],
    listed: all.some((each) => each.id === session),
    messages: [Array.isArray(messages), message.error.code],
    metadata_api: [Boolean(version.version), alive.status, ready.status],
  };
  process.stdout.write(JSON.stringify({ done, seen }));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
