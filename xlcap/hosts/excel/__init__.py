"""Excel itself: what its add-ins and workbooks need beside the functions."""
