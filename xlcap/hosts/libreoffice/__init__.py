"""LibreOffice Calc: the functions as an add-in for it, how that is built and how it is installed."""
