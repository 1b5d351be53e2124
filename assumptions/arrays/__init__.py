"""From a case to the arrays of the engine: units, calendars and rates are converted here and nowhere else."""
