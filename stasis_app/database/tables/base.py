"""What every table of ours is made of: one naming of constraints, and numbers that count up on every database."""

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers rows in the order in which they were written; SQLite counts up by itself only in plain INTEGER."""


class Row(SQLModel, registry=registry(metadata=metadata)):
    """The root of ours, apart from other tables that an integrator may define with SQLModel in the same process."""

    model_config = {"defer_build": True}  # we validate nothing with them, and every start would pay for it


def table_of(row: type[Row]) -> Table:
    """The Core table behind a model."""
    return metadata.tables[str(row.__tablename__)]
