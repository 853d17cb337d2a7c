/** Common words for the slots of the corpus, one list a kind. */
const list = (text: string) => text.trim().split(/\s*[,\n]\s*/);

export const firstNames =
  list(`Ada, Ben, Carla, David, Elena, Felix, Grace, Hugo, Ines, Jonas, Katya, Leo, Maria, Nina, Omar, Paula, Quinn, Rosa, Sam, Tara, Umar, Vera, Walter, Xenia, Yusuf, Zoe,
Alice, Boris, Clara, Dora, Emil, Flora, Georg, Hanna, Ivan, Julia, Karl, Lena, Marta, Noah, Olga, Peter, Rita, Simon, Tom, Ursula, Victor, Wanda, Anna, Bruno, Chloe, Dan, Eva, Frank, Gina, Henry, Ida, Jack, Kim, Lisa, Max, Nora, Otto, Pia, Ralph, Sara, Theo, Una, Mila, Nils, Otis, Priya, Ravi, Sofia, Tariq, Mei, Lin, Kenji, Aiko, Jorge, Luz, Amara, Kofi, Zainab`);

export const places = list(
  `London, Berlin, Madrid, Rome, Vienna, Oslo, Cairo, Lima, Tokyo, Paris, Boston, Chicago, Dublin, Prague, Athens, Lisbon, Warsaw, Sydney, Toronto, Mumbai, Nairobi, Seoul, Hamburg, Milan, Porto, Lyon, Geneva, Zurich, Kyoto, Osaka, Denver, Austin, Seattle, Montreal, Bergen, Malaga, Naples, Turin, Gdansk, Krakow, Leeds, Bristol, Oxford, Ghent, Bruges, Basel, Graz, Salzburg, Venice, Florence`,
);

export const things = list(
  `key, lamp, book, cup, box, ball, coin, map, rope, hat, ring, letter, clock, knife, spoon, bottle, candle, brush, basket, mirror, pen, stone, shell, flute, drum, kite, bell, blanket, hammer, ladder, bucket, pillow, ticket, umbrella, camera, radio, violin, puzzle, apple, bread, chair, painting, scarf, glove, lantern, compass, notebook, marble, wallet, phone`,
);

export const rooms = list(
  `kitchen, hall, garden, cellar, attic, library, garage, bedroom, office, bathroom, balcony, studio, pantry, workshop, nursery, lobby, barn, shed, tower, porch`,
);

export const jobs = list(
  `teacher, nurse, baker, pilot, lawyer, farmer, painter, singer, doctor, chemist, carpenter, plumber, writer, editor, engineer, sailor, tailor, butcher, dentist, gardener, librarian, musician, architect, photographer, translator, mechanic, biologist, designer, judge, cook`,
);

export const colors = list(
  `red, blue, green, yellow, black, white, brown, purple, orange, pink, grey, silver, golden, violet, crimson, turquoise`,
);

export const foods = list(
  `bread, soup, rice, noodles, pancakes, salad, pizza, curry, dumplings, cheese, tea, coffee, chocolate, apple pie, lemonade, yoghurt, jam, honey cake, tomato sauce, mushroom stew, fish soup, vegetable stew, corn bread, rice pudding, potato salad, pumpkin soup, fruit salad, oat cookies, peanut butter, omelette, lentil soup, waffles, granola, hummus, pasta, risotto, pickles, cinnamon rolls, ginger tea, hot chocolate`,
);

export const animals = list(
  `cat, dog, horse, parrot, rabbit, hamster, goldfish, turtle, pony, goat, duck, canary, snake, lizard, frog, owl, sheep, donkey, ferret, hen`,
);

export const hobbies = list(
  `chess, tennis, painting, swimming, hiking, fishing, knitting, cycling, sailing, baking, dancing, singing, running, gardening, yoga, skating, pottery, birdwatching, climbing, archery, judo, rowing, skiing, reading, origami, juggling`,
);

export const subjects = list(
  `the sea, rain, a train, winter, my garden, a bicycle, the moon, a library, coffee, an old clock, the market, a bridge, my cat, a football match, the forest, a holiday, a birthday party, Monday, the office, a new phone, a long walk, breakfast, a museum, the river, a concert, school, a lighthouse, snow, a kite, the night bus, an umbrella, a cake, the harbour, my neighbour, a puzzle, a mountain, the desert, spring, a telescope, an island, the kitchen, a violin, the circus, a storm, a letter, the stars, homework, a picnic, the zoo, an airport`,
);

export const extensions = list(`txt, md, ts, js, py, json, csv, html, css, log, yaml, toml, rs, go, c, sql`);
export const fileWords = list(
  `notes, main, index, readme, config, report, data, users, budget, plan, tasks, summary, server, client, test, utils, style, schema, letter, diary, orders, prices, todo, draft, journal, recipe, invoice, schedule, agenda, changelog, parser, router, cache, logger, model, view, store, hooks, types, errors`,
);
export const folders = list(
  `src, docs, test, lib, data, notes, app, public, assets, scripts, build, config, reports, drafts, images, tools, server, client, core, examples`,
);
