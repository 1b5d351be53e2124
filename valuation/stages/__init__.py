"""Stages of the engine, from the inputs of a case to its flows: each takes the inputs and what came before it."""
