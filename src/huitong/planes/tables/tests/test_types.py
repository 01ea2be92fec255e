"""Every type of PostgreSQL × its edge values through a delivery: the consumer's database says of
each what the provider's says (A28)."""

from __future__ import annotations

from itertools import zip_longest

from huitong.planes.tables.tests.town import Town
from huitong.scope import Scope
from huitong.scope.tests.values import OWN_TYPES, VALUES

NAMES = {sql_type: f"c{n}" for n, sql_type in enumerate(VALUES)}


def test_every_value_of_every_type_arrives_and_changes(town: Town) -> None:
    """One table with a column of each type; types the consumer does not have arrive as their
    text."""
    town.provider.execute(
        "DROP TABLE IF EXISTS public.typed;"
        " DROP TYPE IF EXISTS public.mood, public.pair;"
        " DROP DOMAIN IF EXISTS public.price,public.prices, public.code, public.whole;"
        " SET search_path TO public;"
        f" {OWN_TYPES}"
    )
    try:
        town.provider.execute(
            "CREATE TABLE public.typed (n int PRIMARY KEY,"
            f" {', '.join(f'{name} {sql_type}' for sql_type, name in NAMES.items())})"
        )
        with town.provider.cursor() as cursor:
            for n, row in enumerate([*zip_longest(*VALUES.values()), [None] * len(VALUES)]):
                cursor.execute(
                    f"INSERT INTO public.typed VALUES (%s{', %s' * len(row)})", (n, *row)
                )
        scope = Scope(("n", *NAMES.values()))
        delivery = town.run("r1", scope, table="typed")
        assert delivery.inserted == max(map(len, VALUES.values())) + 1
        texts = (
            f"SELECT n, {', '.join(f'{name}::text' for name in NAMES.values())} FROM public.{{}}"
            " ORDER BY n"
        )
        assert (
            town.consumer.execute(texts.format("marriage_in")).fetchall()
            == town.provider.execute(texts.format("typed")).fetchall()
        )
        assert (
            again := town.run("r2", scope, table="typed")
        ).updated == 0 and again.source_checksum == again.target_checksum
    finally:
        town.provider.execute("DROP TABLE IF EXISTS public.typed")
