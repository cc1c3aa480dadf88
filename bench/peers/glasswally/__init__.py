"""Glasswally (m0rs3c0d3/Glasswally, MIT): sixteen signals of an account, weighted and summed, written anew from its documents.

Read at commit 300eedc of 2026-03-12: README (of 300eedc and, for the weights, 5f172a7), THREAT_MODEL.md,
docs/evasion_cost_analysis.md, and the comments that state what each signal adds. Sums, thresholds and weights are theirs.
Its program follows a stream and judges at every request over the last hour and the last day; here windows are clock
hours and days, which lets SQL judge a log of a million requests in seconds. An account's score is its worst hour.

Fed (weight): fingerprint 0.14 in part, velocity 0.10, cot 0.09, hydra 0.08, timing_cluster 0.07, asn_classifier 0.07,
role_preamble 0.06, pivot 0.05, biometric 0.05, watermark 0.04, session_gap 0.04, token_budget 0.03, refusal_probe 0.02,
sequence_model 0.02. Zero, because a log does not have what they read:
- h2_grpc 0.06: no HTTP/2 settings in a log.
- of fingerprint: lists of JA3 values and JA3S (a log has JA4), and what is read from the order of headers (a log has a
  hash of it). Rotation of fingerprints and their sharing among accounts are fed.
- of hydra: batches of cards by the first digits of a number, which a keyed fingerprint does not keep. Its clusters are by
  card and /24, as its README says; its code joins by TLS fingerprint as well, which puts all who use one browser or
  library in one cluster, and would make the signal the same for everybody.
- embed 0.08: left at zero after measuring. It fires at a cosine of 0.60 between word n-grams of a prompt and one of 24
  archetypes; of 465,837 prompts of a made world none has more than 0.24, and of 35 sets of real prompts one has any.

Left out on purpose: whatever adds to a score because of a country (x1.30 on the sum, x1.20 on fingerprint, +0.10 in
hydra), and +0.10 for night hours in UTC, which its code explains as one country's office hours. Nationality is never part
of a score here, and a benchmark that rewarded it would ask for it. Where a log names such a country this lowers it.
"""
