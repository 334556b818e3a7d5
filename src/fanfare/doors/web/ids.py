"""The ids that callers name things by, checked before anything is read with them."""

from typing import Annotated

from fastapi import Path, Query

FAN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
EVENT = r"^[A-Za-z0-9_-]{1,64}$"
SALE = r"^[A-Za-z0-9_-]{1,64}:[a-z0-9-]{1,70}$"
BRAND = r"^[a-z][a-z0-9_-]{0,31}$"

FanPath = Annotated[str, Path(pattern=FAN, description="The fan's account id")]
FanQuery = Annotated[str, Query(pattern=FAN, description="The fan's account id")]
EventPath = Annotated[str, Path(pattern=EVENT)]
EventFilter = Annotated[str | None, Query(pattern=EVENT, description="Only this event")]
SalePath = Annotated[str, Path(pattern=SALE, examples=["vvG1iZ4JkS1GKT:public"])]
SaleQuery = Annotated[str, Query(pattern=SALE, examples=["vvG1iZ4JkS1GKT:public"])]
BrandFilter = Annotated[str | None, Query(pattern=BRAND, description="Only this brand")]
