"""A build as tests order it."""

from __future__ import annotations

from autodeploy import compiler


def order(source, stack, settings, cache, log):
    """What is to be built, with the runtime that it takes."""
    runtime = compiler.runtime(stack, settings, cache, log)
    return compiler.Order(settings.name or source.name, source, stack, settings, runtime, cache)


def build(source, stack, settings, cache, log):
    """The artifact, or what a host needs to build it."""
    return compiler.build(order(source, stack, settings, cache, log), log)
