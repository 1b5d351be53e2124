"""Answers from runs beside their headline: differences, migrations, observations, and the spectrum of silicon."""
