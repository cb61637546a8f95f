"""Questions drafted from documents, each with the place that is to answer it."""
