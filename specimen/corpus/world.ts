import { capital, Draw } from "./draw";
import { colors, firstNames, jobs } from "./words";

/** One thing the world says: `subject`'s `relation` is `object`. */
export interface Fact {
  kind: string;
  relation: string;
  subject: string;
  object: string;
}

const real = `France|Paris|French|euro|Europe
Germany|Berlin|German|euro|Europe
Spain|Madrid|Spanish|euro|Europe
Italy|Rome|Italian|euro|Europe
Portugal|Lisbon|Portuguese|euro|Europe
Austria|Vienna|German|euro|Europe
Belgium|Brussels|Dutch|euro|Europe
Greece|Athens|Greek|euro|Europe
Ireland|Dublin|English|euro|Europe
Finland|Helsinki|Finnish|euro|Europe
Norway|Oslo|Norwegian|krone|Europe
Sweden|Stockholm|Swedish|krona|Europe
Denmark|Copenhagen|Danish|krone|Europe
Iceland|Reykjavik|Icelandic|krona|Europe
Poland|Warsaw|Polish|zloty|Europe
Hungary|Budapest|Hungarian|forint|Europe
Romania|Bucharest|Romanian|leu|Europe
Bulgaria|Sofia|Bulgarian|lev|Europe
Serbia|Belgrade|Serbian|dinar|Europe
Croatia|Zagreb|Croatian|euro|Europe
Slovenia|Ljubljana|Slovene|euro|Europe
Slovakia|Bratislava|Slovak|euro|Europe
Ukraine|Kyiv|Ukrainian|hryvnia|Europe
Russia|Moscow|Russian|rouble|Europe
Estonia|Tallinn|Estonian|euro|Europe
Latvia|Riga|Latvian|euro|Europe
Lithuania|Vilnius|Lithuanian|euro|Europe
Albania|Tirana|Albanian|lek|Europe
Switzerland|Bern|German|franc|Europe
Luxembourg|Luxembourg City|Luxembourgish|euro|Europe
Malta|Valletta|Maltese|euro|Europe
Turkey|Ankara|Turkish|lira|Asia
Japan|Tokyo|Japanese|yen|Asia
China|Beijing|Chinese|yuan|Asia
South Korea|Seoul|Korean|won|Asia
Mongolia|Ulaanbaatar|Mongolian|tugrik|Asia
Vietnam|Hanoi|Vietnamese|dong|Asia
Thailand|Bangkok|Thai|baht|Asia
Cambodia|Phnom Penh|Khmer|riel|Asia
Laos|Vientiane|Lao|kip|Asia
Indonesia|Jakarta|Indonesian|rupiah|Asia
Malaysia|Kuala Lumpur|Malay|ringgit|Asia
Philippines|Manila|Filipino|peso|Asia
India|New Delhi|Hindi|rupee|Asia
Nepal|Kathmandu|Nepali|rupee|Asia
Pakistan|Islamabad|Urdu|rupee|Asia
Bangladesh|Dhaka|Bengali|taka|Asia
Sri Lanka|Colombo|Sinhala|rupee|Asia
Iran|Tehran|Persian|rial|Asia
Iraq|Baghdad|Arabic|dinar|Asia
Israel|Jerusalem|Hebrew|shekel|Asia
Jordan|Amman|Arabic|dinar|Asia
Lebanon|Beirut|Arabic|pound|Asia
Saudi Arabia|Riyadh|Arabic|riyal|Asia
Kazakhstan|Astana|Kazakh|tenge|Asia
Uzbekistan|Tashkent|Uzbek|som|Asia
Georgia|Tbilisi|Georgian|lari|Asia
Armenia|Yerevan|Armenian|dram|Asia
Egypt|Cairo|Arabic|pound|Africa
Morocco|Rabat|Arabic|dirham|Africa
Algeria|Algiers|Arabic|dinar|Africa
Tunisia|Tunis|Arabic|dinar|Africa
Ethiopia|Addis Ababa|Amharic|birr|Africa
Kenya|Nairobi|Swahili|shilling|Africa
Uganda|Kampala|English|shilling|Africa
Ghana|Accra|English|cedi|Africa
Nigeria|Abuja|English|naira|Africa
Senegal|Dakar|French|franc|Africa
Mali|Bamako|French|franc|Africa
Angola|Luanda|Portuguese|kwanza|Africa
Mozambique|Maputo|Portuguese|metical|Africa
Zambia|Lusaka|English|kwacha|Africa
Madagascar|Antananarivo|Malagasy|ariary|Africa
Rwanda|Kigali|Kinyarwanda|franc|Africa
Somalia|Mogadishu|Somali|shilling|Africa
Canada|Ottawa|English|dollar|North America
Mexico|Mexico City|Spanish|peso|North America
Cuba|Havana|Spanish|peso|North America
Guatemala|Guatemala City|Spanish|quetzal|North America
Costa Rica|San Jose|Spanish|colon|North America
Jamaica|Kingston|English|dollar|North America
Honduras|Tegucigalpa|Spanish|lempira|North America
Brazil|Brasilia|Portuguese|real|South America
Argentina|Buenos Aires|Spanish|peso|South America
Chile|Santiago|Spanish|peso|South America
Peru|Lima|Spanish|sol|South America
Colombia|Bogota|Spanish|peso|South America
Ecuador|Quito|Spanish|dollar|South America
Uruguay|Montevideo|Spanish|peso|South America
Paraguay|Asuncion|Guarani|guarani|South America
Venezuela|Caracas|Spanish|bolivar|South America
Australia|Canberra|English|dollar|Oceania
New Zealand|Wellington|English|dollar|Oceania
Fiji|Suva|Fijian|dollar|Oceania
Samoa|Apia|Samoan|tala|Oceania`;

/** The world is fixed by this seed, whatever the corpus's own seed: its facts are what the model is to know. */
const draw = new Draw(20240, "train");
const used = new Set<string>();

function fresh(make: () => string): string {
  for (;;) {
    const name = make();
    if (!used.has(name)) {
      used.add(name);
      return name;
    }
  }
}

const cityForms = [
  "{n}",
  "{n}",
  "{n}ville",
  "Port {n}",
  "New {n}",
  "Saint {n}",
  "{n} Bay",
  "Mount {n}",
  "{n}burg",
  "East {n}",
];
const invented = (forms: readonly string[]) => fresh(() => draw.pick(forms).replace("{n}", draw.Nonce()));

export const facts: Fact[] = [];
const object = new Map<string, string>();

function say(kind: string, relation: string, subject: string, value: string) {
  facts.push({ kind, relation, subject, object: value });
  object.set(`${relation}/${subject}`, value);
}

export const countries: string[] = [];
const cities: string[] = [];
for (const line of real.split("\n")) {
  const [name = "", city = "", language = "", currency = "", continent = ""] = line.split("|");
  countries.push(name);
  cities.push(city);
  used.add(name).add(city);
  say("country", "capital", name, city);
  say("country", "language", name, language);
  say("country", "currency", name, currency);
  say("country", "continent", name, continent);
  say("city", "country", city, name);
}
export const realCountries = [...countries];
for (let i = 0; i < 40; i++) {
  const stem = draw.Nonce();
  const name = fresh(() => stem + draw.pick(["ia", "land", "stan", "ora", " Islands"]));
  const city = invented(cityForms);
  countries.push(name);
  cities.push(city);
  say("country", "capital", name, city);
  say("country", "language", name, `${stem}${draw.pick(["ish", "ese", "i"])}`);
  say("country", "currency", name, draw.nonce());
  say("country", "continent", name, draw.pick(["Europe", "Asia", "Africa", "Oceania", "South America"]));
  say("country", "river", name, `${draw.Nonce()} River`);
  say("city", "country", city, name);
}

const products =
  "clocks, boats, pianos, lamps, bicycles, carpets, candles, engines, kites, paper, glass, chocolate, shoes, tents, radios, telescopes, bells, paint, rope, honey".split(
    ", ",
  );
export const firms: string[] = [];
for (let i = 0; i < 40; i++) {
  const name = fresh(
    () => `${draw.Nonce()} ${draw.pick(["Works", "Brothers", "Labs", "Company", "Mills", "Systems"])}`,
  );
  firms.push(name);
  say("firm", "seat", name, draw.pick(cities));
  say("firm", "product", name, draw.pick(products));
}

export const people: string[] = [];
for (let i = 0; i < 120; i++) {
  const name = fresh(() => `${draw.chance(0.5) ? draw.pick(firstNames) : draw.Nonce()} ${draw.Nonce()}`);
  people.push(name);
  say("person", "born", name, draw.pick(cities));
  say("person", "job", name, draw.pick(jobs));
  say("person", "employer", name, draw.pick(firms));
}

export const books: string[] = [];
for (let i = 0; i < 60; i++) {
  const title = fresh(() => {
    const thing = capital(
      draw.pick(["river", "tower", "garden", "lantern", "bridge", "orchard", "harbour", "mirror", "winter", "letter"]),
    );
    return draw.chance(0.5) ? `The ${capital(draw.pick(colors))} ${thing}` : `The ${thing} of ${draw.Nonce()}`;
  });
  books.push(title);
  say("book", "author", title, draw.pick(people));
}

/** Two facts in a row: the answer needs the first one's object as the second one's subject. */
export interface Path {
  relation: string;
  subject: string;
  via: string;
  object: string;
}

const chains: [first: string, second: string, subjects: readonly string[]][] = [
  ["country", "language", cities],
  ["country", "currency", cities],
  ["country", "continent", cities],
  ["born", "country", people],
  ["employer", "seat", people],
  ["employer", "product", people],
  ["author", "job", books],
  ["author", "born", books],
];

export const paths: Path[] = [];
for (const [first, second, subjects] of chains) {
  for (const subject of subjects) {
    const via = object.get(`${first}/${subject}`) ?? "";
    const end = object.get(`${second}/${via}`);
    if (end !== undefined) paths.push({ relation: `${first}.${second}`, subject, via, object: end });
  }
}
