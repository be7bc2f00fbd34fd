"""Windows: context and target cut from a panel, scaled, with covariates and features of the calendar."""
