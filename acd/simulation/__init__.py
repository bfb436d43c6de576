"""A call centre on a virtual clock: the production routing among simulated people, and a switch in memory."""

from __future__ import annotations

from acd.simulation.at_once import HadToWait, NobodyWaits, at_once
from acd.simulation.centre import PROCESS, SimulatedCentre
from acd.simulation.chance import Dice, Draw, always, between, exponential
from acd.simulation.day import SimulatedDay
from acd.simulation.pbx import SimulatedPbx, SimulatedPhone
from acd.simulation.pbx_ports import SimulatedCalls, SimulatedPhones
from acd.simulation.people import Callers, Habits
from acd.simulation.virtual_clock import Time, Timer, VirtualClock

__all__ = [
    # time
    "Time",
    "Timer",
    "VirtualClock",
    # chance
    "Dice",
    "Draw",
    "always",
    "between",
    "exponential",
    # the routing core and its people
    "PROCESS",
    "Callers",
    "Habits",
    "SimulatedCentre",
    "SimulatedDay",
    # the switch
    "SimulatedCalls",
    "SimulatedPbx",
    "SimulatedPhone",
    "SimulatedPhones",
    # without an event loop
    "HadToWait",
    "NobodyWaits",
    "at_once",
]
