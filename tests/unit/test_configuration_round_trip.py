"""Whatever can be configured can be written as a file, and reads back the same."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from acd.configuration import Configuration, faults_of
from acd.lint import remarks_of
from stasis_app.configuration_file import difference, read, write
from tests.configurations import configurations

patient = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
"""Other work on the machine must not decide whether these pass."""


@patient
@given(configurations())
def test_what_is_written_reads_back_the_same(configuration: Configuration) -> None:
    assert not list(faults_of(configuration))
    assert read(write(configuration)) == configuration


@patient
@given(configurations(), configurations())
def test_there_is_a_difference_exactly_where_two_differ(old: Configuration, new: Configuration) -> None:
    assert bool(difference(old, new)) == (old != new)
    assert not difference(old, replace(old, version=old.version + 1))


@patient
@given(configurations())
def test_whatever_can_be_applied_can_be_remarked_on(configuration: Configuration) -> None:
    for remark in remarks_of(configuration):
        assert remark.place
        assert remark.sentence
        assert remark.remedy
