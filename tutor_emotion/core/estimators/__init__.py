"""One estimator a modality: Readings or events in, an Estimate with its reasons out (§9.2).

An estimator weighs what was measured against the learner's own baseline, as nats in favour of a
state; the Estimate's probabilities are the prior moved by them. So the evidence items of a state
sum to what was given for it, and an Estimate without evidence says nothing at all.
"""
