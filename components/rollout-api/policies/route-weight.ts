import { analyzerUser, type Policy } from "./policy.ts";

/** A rule for a segment matches this header exactly; a rule that doesn't may give nobody more than the lowest segment gets. */
export const segmentHeader = "x-rampart-segment";

const weight = "(has(b.weight) ? b.weight : 1)";
const sumOf = (route: string) => `${route}.backendRefs.map(b, ${weight}).sum()`;
const canaryOf = (route: string) =>
  `${route}.backendRefs.filter(b, b.name != variables.stable).map(b, ${weight}).sum()`;
const isSegment = `h.name.lowerAscii() == '${segmentHeader}' && (!has(h.type) || h.type == 'Exact')`;
const segmentsOfRule = `(has(r.matches) && r.matches.size() > 0 && r.matches.all(m, has(m.headers) && m.headers.exists_one(h, ${isSegment})) ? r.matches.map(m, m.headers.filter(h, ${isSegment})[0].value) : variables.segments)`;
const canaryOfAll = (route: string) => `${route}.spec.rules.map(r, has(r.backendRefs) ? ${canaryOf("r")} : 0).sum()`;
const mirrorsOf = (route: string) =>
  `${route}.spec.rules.map(r, has(r.filters) ? r.filters.filter(f, f.type == 'RequestMirror').size() : 0).sum()`;

/** Traffic: what share of the requests a route may send to the canary now. */
export const routeWeight: Policy = {
  name: "route-weight",
  matches: [{ groups: ["gateway.networking.k8s.io"], resources: ["httproutes"], on: ["CREATE", "UPDATE"] }],
  where: "systems",
  params: { kind: "Rollout", whenMissing: "Deny" },
  skipsDryRuns: true,
  variables: [
    { name: "stable", expression: "params.spec.system + '-stable'" },
    { name: "canary", expression: "params.spec.system + '-canary'" },
    { name: "settled", expression: "params.spec.stable == params.spec.artifact" },
    {
      name: "aborted",
      expression: "params.?status.?aborted.?attempt.orValue(0) == params.spec.attempt",
    },
    {
      name: "abortRequested",
      expression: "params.metadata.?annotations[?'rampart.dev/abort'].orValue('') == string(params.spec.attempt)",
    },
    { name: "segments", expression: "has(params.spec.exposure) ? params.spec.exposure.map(s, s) : ['all']" },
    // Each of them bounds every segment, so together they are the lower of both.
    {
      name: "limits",
      expression:
        "variables.settled ? [dyn({})] : variables.aborted ? [dyn(params.spec.exposure), dyn(params.status.aborted.to)] : variables.abortRequested ? [dyn({})] : [dyn(params.spec.exposure)]",
    },
    {
      name: "mayMirror",
      expression:
        "!variables.settled && !variables.aborted && !variables.abortRequested && params.spec.phases.exists(p, p.name == params.spec.phase && has(p.mirror) && p.mirror)",
    },
  ],
  validations: [
    {
      expression: `object.spec.rules.all(r, has(r.backendRefs) && r.backendRefs.exists(b, b.name == variables.stable) && ${sumOf("r")} > 0)`,
      message: "every rule of a system's route names the stable Service and has weights that add up to more than 0",
    },
    {
      expression:
        "object.spec.rules.all(r, !has(r.backendRefs) || r.backendRefs.all(b, b.name in [variables.stable, variables.canary] && !has(b.namespace) && (!has(b.kind) || b.kind == 'Service')))",
      message: "a system's route leads to its stable and its canary Service and to nothing else",
    },
    {
      expression: `object.spec.rules.all(r, !has(r.backendRefs) || variables.limits.all(l, ${segmentsOfRule}.all(s, ${canaryOf("r")} * 100 <= (s in l ? int(l[s]) : 0) * ${sumOf("r")})))`,
      message: "the canary's share is more than its Rollout allows now",
      messageExpression:
        "\"the canary's share is more than the Rollout of \" + params.spec.system + ' allows now: ' + (variables.settled ? 'it is settled, so 0 %' : variables.aborted ? 'attempt ' + string(params.spec.attempt) + ' was aborted by ' + params.status.aborted.trigger : variables.abortRequested ? 'somebody asked for an abort of attempt ' + string(params.spec.attempt) : string(params.spec.percent) + ' % in phase ' + params.spec.phase)",
    },
    {
      expression:
        "object.spec.rules.all(r, !has(r.filters) || r.filters.all(f, f.type != 'RequestRedirect' && f.type != 'ExtensionRef'))",
      message: "a system's route redirects nobody",
    },
    {
      expression: `variables.mayMirror || ${mirrorsOf("object")} == 0`,
      message: "requests are mirrored only in a phase that says so, and never after an abort",
    },
    {
      expression:
        "object.spec.rules.all(r, !has(r.filters) || r.filters.all(f, f.type != 'RequestMirror' || (f.requestMirror.backendRef.name == variables.canary && !has(f.requestMirror.backendRef.namespace))))",
      message: "requests are mirrored to the canary and to nothing else",
    },
    {
      expression: "object.spec.rules.all(r, !has(r.backendRefs) || r.backendRefs.all(b, !has(b.filters)))",
      message: "a backend of a system's route has no filters of its own",
    },
    {
      expression:
        "has(object.spec.hostnames) && object.spec.hostnames.size() > 0 && object.spec.hostnames.all(h, !h.startsWith('*'))",
      message: "a system's route names its hosts, one by one",
    },
    {
      expression: `request.userInfo.username != '${analyzerUser}' || (oldObject != null && ${canaryOfAll("object")} <= ${canaryOfAll("oldObject")} && ${mirrorsOf("object")} <= ${mirrorsOf("oldObject")})`,
      message: "the analyzer only lowers",
    },
  ],
};
