"""aiqa beside other systems that answer with spans, on the same passages, questions and weights."""
