"""Where the night's events are and where its fans live."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city with a venue, its time zone, and the area codes of its phones. `region` is ISO 3166-2."""

    city: str
    region: str
    state: str
    zone: str
    venue: str
    line1: str
    postal_code: str
    latitude: str
    longitude: str
    area_codes: tuple[str, ...]

    @property
    def country(self) -> str:
        """Return the country's two letters."""
        return self.region[:2]

    @property
    def is_french(self) -> bool:
        """True where most fans read French."""
        return self.region == "CA-QC"


def _place(row: str) -> Place:
    city, region, state, zone, venue, line1, postal_code, latitude, longitude, codes = row.split("|")
    return Place(
        city=city,
        region=region,
        state=state,
        zone=zone,
        venue=venue,
        line1=line1,
        postal_code=postal_code,
        latitude=latitude,
        longitude=longitude,
        area_codes=tuple(codes.split()),
    )


# Cities, zones and area codes are real; venues and street addresses are made up.
_ROWS = """\
Toronto|CA-ON|Ontario|America/Toronto|Harbour Hall|1 Lantern Quay|M5V 0A1|43.64|-79.38|416 647 437 905 289
Ottawa|CA-ON|Ontario|America/Toronto|Salle Exemple|1 rue Exemple|K1P 0A1|45.42|-75.69|613 343
Montréal|CA-QC|Québec|America/Montreal|Théâtre de l\u2019Île|20 rue du Quai|H2Y 0A1|45.50|-73.55|514 438 450 579
Québec|CA-QC|Québec|America/Toronto|Salle du Cap|3 côte du Passage|G1K 0A1|46.81|-71.21|418 581
Vancouver|CA-BC|British Columbia|America/Vancouver|Cedar Arena|88 Cedar Way|V6B 0A1|49.28|-123.12|604 778 236
Calgary|CA-AB|Alberta|America/Edmonton|Foothills Dome|5 Prairie Road|T2G 0A1|51.04|-114.07|403 587
Winnipeg|CA-MB|Manitoba|America/Winnipeg|Forks Pavilion|9 River Lane|R3C 0A1|49.89|-97.13|204 431
Regina|CA-SK|Saskatchewan|America/Regina|Wascana Stage|2 Park Drive|S4P 0A1|50.45|-104.61|306 639
Halifax|CA-NS|Nova Scotia|America/Halifax|Citadel Rooms|4 Hill Street|B3J 0A1|44.65|-63.57|902 782
St. John's|CA-NL|Newfoundland and Labrador|America/St_Johns|Signal House|7 Battery Row|A1C 0A1|47.56|-52.71|709
New York|US-NY|New York|America/New_York|The Gaslight Theatre|100 Example Avenue|10036|40.76|-73.99|212 646 917 718 347
Boston|US-MA|Massachusetts|America/New_York|Fort Point Hall|12 Channel Street|02210|42.35|-71.05|617 857
Miami|US-FL|Florida|America/New_York|Bayfront Bowl|30 Palm Walk|33132|25.78|-80.19|305 786
Chicago|US-IL|Illinois|America/Chicago|Lakeshore Arena|400 Lake Walk|60611|41.89|-87.61|312 773 872
Nashville|US-TN|Tennessee|America/Chicago|The Old Depot|6 Depot Row|37203|36.16|-86.78|615 629
Dallas|US-TX|Texas|America/Chicago|Trinity Field|77 Trinity Road|75201|32.78|-96.80|214 972 469
Denver|US-CO|Colorado|America/Denver|Mile Rock Amphitheatre|1 Canyon Road|80202|39.74|-104.99|303 720
Phoenix|US-AZ|Arizona|America/Phoenix|Saguaro Center|8 Desert Avenue|85004|33.45|-112.07|602 480 623
Los Angeles|US-CA|California|America/Los_Angeles|Orange Grove Bowl|500 Grove Street|90015|34.05|-118.25|213 310 323 818
Seattle|US-WA|Washington|America/Los_Angeles|Pier Nine|9 Pier Road|98101|47.61|-122.33|206 253 425
Anchorage|US-AK|Alaska|America/Anchorage|Aurora Hall|3 Spruce Street|99501|61.22|-149.90|907
Honolulu|US-HI|Hawaii|Pacific/Honolulu|Lagoon Shell|2 Reef Road|96815|21.28|-157.83|808
Ciudad de México|MX-CMX|Ciudad de México|America/Mexico_City|Foro del Lago|Avenida Ejemplo 10|06000|19.43|-99.13|
"""

PLACES = {place.city: place for place in map(_place, _ROWS.splitlines())}
HOMES = tuple(place for place in PLACES.values() if place.area_codes and place.region not in {"US-AK", "US-HI"})
FAR_WEST = (PLACES["Anchorage"], PLACES["Honolulu"])  # still in quiet hours when the night begins
