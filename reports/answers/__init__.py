"""Answers beside a run, each on screen, as a table and as a chart: levers, shocks, differences, schedules."""
