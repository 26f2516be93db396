/** Words that say nothing of what a text is about: articles, pronouns, prepositions, conjunctions, auxiliaries. */
const lists = {
  en: `a about above after again against all am an and any are as at be because been before being below between both but by
    can could did do does doing don down during each few for from further had has have having he her here hers herself him
    himself his how i if in into is it its itself just ll me more most my myself no nor not now of off on once only or other
    our ours ourselves out over own re same she should so some such than that the their theirs them themselves then there
    these they this those through to too under until up ve very was we were what when where which while who whom why will
    with would you your yours yourself yourselves`,
  de: `aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei bin bis
    bist da damit dann das dass daß dein deine deinem deinen deiner dem den denn der des dich die dies diese diesem diesen
    dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen gewesen hab habe
    haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja jede jedem
    jeden jeder jedes jetzt kann kein keine keinem keinen keiner können könnte machen man manche mehr mein meine meinem
    meinen meiner mich mir mit nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner selbst
    sich sie sind so solche soll sollte sondern sonst über um und uns unser unsere unter viel vom von vor während war waren
    warst was weg weil weiter welche welcher wenn werde werden wie wieder will wir wird wirst wo wollen wollte wurde wurden
    würde würden zu zum zur zwar zwischen`,
  fr: `au aux avec avez avoir avons ce ceci cela ces cet cette comme dans de des du elle elles en entre es est et été être eu
    eux fait il ils je la le les leur leurs lui ma mais me même mes moi mon ne ni nos notre nous on ont ou où par pas pendant
    plus pour qu que quel quelle quelles quels qui sa sans se ses si soi sommes son sont sous suis sur ta te tes toi ton tous
    tout toute toutes très tu un une vos votre vous était étaient avait avaient sera seront`,
  es: `al algo algunas algunos ante antes como con contra cual cuando de del desde donde durante el él ella ellas ellos en entre
    era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha han hasta hay la las le les lo los
    más me mi mis mucho muchos muy nada ni no nos nosotros nuestra nuestro otra otras otro otros para pero poco por porque
    que qué quien quienes se sea ser si sí sido sin sobre son su sus también tan tanto te tiene tienen todo todos tu tus un
    una uno unos usted ya yo`,
} as const;

export type Language = keyof typeof lists;

export const languages = Object.keys(lists) as Language[];

const words = new Map(languages.map((language) => [language, new Set(lists[language].split(/\s+/))]));

export function stopWordsOf(language: Language): ReadonlySet<string> {
  return words.get(language) ?? new Set();
}

/** Of the words of a running text in a language at least this part is in its list. */
const minShare = 0.15;

/**
 * The language whose list takes the greatest part of the words; undefined where none takes enough for a running text.
 * @param counts how often each word occurs
 */
export function languageOf(counts: ReadonlyMap<string, number>): Language | undefined {
  const taken = new Map(languages.map((language) => [language, 0]));
  let total = 0;
  for (const [word, count] of counts) {
    total += count;
    for (const language of languages) {
      if (stopWordsOf(language).has(word)) {
        taken.set(language, (taken.get(language) ?? 0) + count);
      }
    }
  }
  const [best] = [...taken].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] > minShare * total ? best[0] : undefined;
}
