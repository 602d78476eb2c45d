"""HTTP doors: what the learner's panel asks, the teacher's pages, health."""
