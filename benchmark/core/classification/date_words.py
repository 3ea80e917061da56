"""How letters write dates, and the words that say what a date is: of being back, the last day away, the first day."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+(?:-feira)?")
# 5.1. and 5/1 and 5.1.2027; a number such as 17.30 is none without the last dot.
NUMERIC = re.compile(
    r"\b(?<! at )(?<! um )(?!24/7\b)(\d{1,2})(?:[.,] ?(\d{1,2})[.,] ?(?:(\d{4}|\d{2}(?! (?:uhr|h)\b))\b|(?!\d))"
    r"|[.,](\d{1,2})(?= (?!uhr|h\b|am\b|pm\b|%|€)|\W*$)"
    r"|/(\d{1,2})(?:/(\d{4}|\d{2})\b|(?![\d/]))"
    r"|-(\d{1,2})-(\d{4}|\d{2})\b)"
)
ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|[.,]|er|º|°)?[ -]?(?:of |de |d')?(?!may (?:be|not|have|also|i)\b)"
    r"([^\W\d_]{3,13})[.,]?,?[ -]?(?:de )?(\d{4})?\b"
)
# 8月18日, 10월 3일, with a year before it or not, and perhaps with a word that makes it the last day.
YEAR_MONTH_DAY = re.compile(
    r"(?P<to>[至到~〜～-] ?)?(?:(?P<year>\d{4}) ?[年년] ?)?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일号號]"
    r" ?(?:[(（][^)）]{1,9}[)）])? ?(?P<until>まで|까지|止)?"
)
MONTH_DAY = re.compile(r"\b([^\W\d_]{3,9})[.,]? (\d{1,2})(?:st|nd|rd|th)?(?!\d|[:.]\d),? ?(\d{4})?")
MONTH_DAYS = re.compile(
    r"\b([^\W\d_]{3,9})[.,]? \d{1,2}(?:st|nd|rd|th)? ?(?:-|to|through|thru|until|till|and) ?(?:the )?"
    r"(\d{1,2})(?:st|nd|rd|th)?(?!\d|[:.,/-]\d| [^\W\d_]{3,9} \d{4}),? ?(\d{4})?"
)
# Without a month: the 23rd, dem 30., Friday 13th; a weekday; tomorrow; the end of a month.
DAY_ONLY = re.compile(
    r"(?:(?:\b(?:the|dem|den|zum|am|le|el|il|dia|día)|day|tag),? (\d{1,2})(?:st|nd|rd|th|[.,])?"
    r"|^ (\d{1,2})(?:st|nd|rd|th|[.,])|\b(\d{1,2})-j?[áé]n\b)(?![\d:/-]| (?:uhr|h|am|pm)\b)"
)
WEEKDAY_AND_DAY = re.compile(
    r"\b([^\W\d_]{2,12}(?:-feira)?)[.,]{0,2} (?:(?:the|den|dem|el|le|il|dia|día) )?(\d{1,2})(?:st|nd|rd|th|[.,]|º|°)?"
    r"(?![\d:/-]|[.,]? ?\d| (?:uhr|h|am|pm)\b)"
)
TOMORROW = re.compile(
    r"\b(?:(?P<later>übermorgen|day after tomorrow)|tomorrow|tmrw|(?<!guten )morgen|demain|mañana|domani"
    r"|imorgon|i morgen)\b"
)
NEXT_WEEK = re.compile(
    r"\bnext week\b|\b(?:nächste|kommende)[rn]? woche\b|\bsemaine prochaine\b|\bvolgende week\b"
    r"|\b(?:próxima semana|semana que viene)|\bprossima settimana|\bsettimana prossima"
    r"|\bnästa vecka|\bnæste uge|\bneste uke"
)
WEEK = re.compile(
    r"\b(?:kw|kalenderwoche|week|wk|vecka|v|uge|uke|semaine|semana|settimana)[.,]? ?(\d{1,2})\b(?! [^\W\d_])"
    r"|\bkw ?(\d{1,2})\b"
)
END_OF = re.compile(r"\b(?:(?:the )?end of|ende|fin|finales de|fine|eind) ([^\W\d_]{3,10}) ?(\d{4})?")
UNTIL = re.compile(
    r"(?:\b(?:until|till|through|thru|up to|bis|einschl\w*|inkl\w*"
    r"|jusqu'(?:au|à|a|en)|hasta|fino (?:al?|a)|tot(?: en met)?|at(?:é|e)|do|tils?|p(?:â|a)n(?:ă|a)|до"
    r"|iki|kuni|έως|μέχρι|ως|حتى|inclu\w+)"
    r"|t\.?o\.?m\.?|\bt/m|\bt\.e\.m\.?)(?!\w)"
)
BACK = re.compile(
    r"\b(?:return(?:ing|s)?(?: date)?|back|again|resum\w+|re-?open\w*|wieder|zur(?:ü|ue)ck|r(?:ü|ue)ckkehr"
    r"|geht(?:'s| es) (?:dann |erst )?weiter|weiter geht(?:'s| es)|neu(?:er(?:ö|oe)ffn\w+| er(?:ö|oe)ffnen)"
    r"|retour|reprise|repren\w+|(?:à|de) nouveau"
    r"|reven(?:ons|ez)|revien\w*(?! vers)|regres\w+|vuelt[ao]|vuelv\w+|volv(?:er\w*|emos)|reincorpor\w+|rientr\w+"
    r"|ritorn\w+|torn(?:o|a|iamo|ano|er\w+)|(?:di|de) (?:nuovo|nuevo|novo)|(?:nuova|nueva|nova)mente"
    r"|volt(?:o|a|amos|arei|aremos|ar(?:á|a))"
    r"|retom\w+|reanud\w+|riprend\w+|hervat\w*|genoptag\w+|gjenoppta\w*|återuppta\w*|wzn(?:awi|owi)\w+|obnov(?:í|i)\w*"
    r"|(?:n(?:ä|ae)chste|erste)r? (?:sprechstunde|sprechtag|arbeitstag|(?:ö|oe)ffnungstag|b(?:ü|ue)rotag)"
    r"(?= (?:ist|wird|am)\b|:)"
    r"|(?:first|next) (?:working |office |opening )?day(?= (?:is|will be)\b|:)"
    r"|next day (?:that |when )?(?:the|our) [^.!?]{3,30}\bopen(?= is\b)|lees ik|lezen (?:we|wij)"
    r"|ответ(?:им|ит|ить) на ваш\w*|відповімо на ваш\w*"
    r"|begr(?:ü|ue)(?:ß|ss)en|welcom(?:e|ing) you|(?:vous )?accueill\w+|verwelkom\w+|välkomna\w*|возобнов\w+|віднов\w+"
    r"|rouv\w+|r(?:é|e)ouv\w+|riapr\w+|riapert\w+|reabr\w+|reapert\w+|heropen\w*|otwier\w+|otev(?:í|i)r\w+"
    r"|otev(?:ř|r)\w+"
    r"|op(?:ě|e)t|zase|znovu|igen|igjen|gjen(?:å|a)pn\w+|wiederer(?:ö|oe)ffn\w+|terug|weer|retorn\w+|tilbage"
    r"|tilbake|tillbaka|åter|wracam\w*|wróc\w+|powr\w+|ponownie|znów|znowu|zpět"
    r"|palaa\w*|takaisin|jälleen|újra|ismét|vissza\w*|dön\w+|yeniden|tekrar|revin\w*|revenim|înapoi|întor\w+|din nou"
    r"|pokra(?:č|c)uj\w+|επιστρ\w+|ξανά|نستأنف|نعود|отново|възобнов\w+|avatud|отвор\w+"
    r"|вернусь|верн(?:е|ё)мся|возвра\w+|снова|на (?:месте|связи|місці)|поверн\w+|знову)\b"
)
# "On 16 March I read it": only behind a date.
READS = re.compile(r"\b(?:melden?|lesen?|beantworten?) (?:ich|wir)\b")
# Behind the day they end, as Finnish, Hungarian and Turkish have it.
UP_TO = re.compile(r"\b(?:asti|saakka|kadar)\b|(?<=\d)-ig\b")
# Nothing happens earlier; the day stands behind the word.
NOT_BEFORE = re.compile(
    r"\bvor (?=(?:dem|den|mo|di|mi|do|fr|\d)[^.!?]{2,80}\b(?:nichts?|nix|kein\w*|niemand|nie)\b)"
    r"|\b(?:nichts?|nix|kein\w*|niemand|nie)\b[^.!?]{0,40}\bvor (?=dem|den|mo|di|mi|do|fr|\d)"
    r"|\bbefore (?=[^.!?]{4,60}\b(?:nothing|nobody|no one|not|won't|can't|cannot)\b)"
    r"|\b(?:not|don't|won't|can't|cannot|unable|unlikely|slow\w*|nothing|nobody|no one"
    r"|no (?:repl|answer|respon|mail|e-?mail|message|order|deliver|shipment|dispatch)\w*)\b[^.!?]{0,50}\bbefore\b"
    r"|\b(?:pas|aucune?)\b[^.!?]{0,50}\bavant\b|\b(?:no|sin|ninguna?)\b[^.!?]{0,50}\bantes del?\b"
    r"|\b(?:non|nessuna?)\b[^.!?]{0,50}\bprima del?\b|\b(?:niet|geen)\b[^.!?]{0,50}\bv(?:oo|óó)r\b"
    r"|\b(?:n(?:ã|a)o|sem|nenhuma?)\b[^.!?]{0,50}\bantes d[eo]\b"
    r"|\b(?:inte|ikke|ingen|inget|intet|inga)\b[^.!?]{0,50}\b(?:f(?:ö|o)re|innan|f(?:ø|o)r)\b"
    r"|\b(?:no (?:earlier|sooner) than|fr(?:ü|ue)hestens|erst(?: wieder)?(?= (?:am|ab|zum|nach|\d))|pas avant"
    r"|au plus t(?:ô|o)t"
    r"|no antes del?|non prima del?|niet (?:voor|eerder dan)|n(?:ã|a)o antes de|inte f(?:ö|o)re|ikke f(?:ø|o)r|tidligst"
    r"|tidigast|nie przed|nejd(?:ř|r)(?:í|i)ve)\b"
)
# From that day on: back, or away when they say so.
FROM = re.compile(
    r"\b(?:ab(?: dem| den)?|vanaf|à partir du|à compter du|a partir del?|a partire da(?:l|ll')?"
    r"|(?:från|fra) och med|fra og med"
    r"|(?:answered|dispatched|shipped|processed|posted|reply|respond|replying|responding|answering|available"
    r"|reachable|contactable|open|in the office|at my desk|at work|in) (?:from|as of|starting)"
    r"|(?:be|get) (?:answered|replied to|dealt with|attended to|picked up|read|processed) on"
    r"|(?:next|be) (?:be )?(?:in|available|working|online) on)\b|\bf\.?r?\.?o\.?m\.?(?!\w)"
)
AWAY = re.compile(
    r"\b(?:nicht|urlaub\w*|ferien|abwesend|geschlossen|au(?:ß|ss)er haus|absent\w*|ferm(?:é|e)\w*|cong(?:é|e)s?"
    r"|vacances|vacaciones|cerrad\w+"
    r"|ferie|chius\w+|afwezig|vakantie|gesloten|away|out of|on leave|closed|holiday|semester|borta|f(?:é|e)rias"
    r"|fechad\w+)\b"
)
# What somebody is who does not work meanwhile, where AWAY says it of a house.
ABSENT = re.compile(
    AWAY.pattern + r"|\b(?:weg|fort|verreist|unterwegs|krank\w*|dienstreise|off|out|vacation|travell?ing|sick"
    r"|absente?s?|de viaje|baja|fuera|assente|malattia|ziek|bortrest|sjuk|syg|syk|nieobecn\w+|urlopie"
    r"|nepř(?:í|i)tom\w+|dovolen\w+)\b"
)
# Days of something else.
OCCASION = re.compile(
    r"\b(?:deadlines?|due|fairs?|exhibitions?|conferences?|events?|seminars?|webinars?|workshops?|elections?"
    r"|frist\w*|messe\w*|\w*termin\w*|tagung|konferenz|findet|statt|abgabe\w*|jubil(?:ä|ae)um|veranstaltung\w*"
    r"|d(?:é|e)lai|salon|foire|plazo|feria|scadenza|fiera|beurs|m(?:ä|a)ssa)\b"
)
FEAST_BEFORE = re.compile(
    r"\b(?:easter|whit|good|ash|maundy|black|palm|after|nach|apr(?:è|e)s|despu(?:é|e)s del?|dopo|efter|etter) $"
)
FEAST_BEHIND = re.compile(r" (?:de p(?:â|a)ques|de pentec|de pascua|dell'angelo|de p(?:á|a)scoa)")
# Of sentences, not of shortened names of days and months.
ENDS = re.compile(
    r"(?<=[^\W\d_]{5})(?<!thurs)[.!?] |[!?] |(?<=\d may|\d mai|\d maj)[.] "
    r"|(?<=\d june|\d july|\d juni|\d juli|\d juin|\d août|\d mars|\d mayo)[.] "
)
# "9th to 13th March": what stands before and behind the word in the middle.
TO = re.compile(r"(?<=[\w.,°º)]) ?(?:-|\b(?:to|and|und|al?|au|ao|och|og|en|et|y|e|i|по|έως|إلى)\b) ?(?=\S)")
DAY_BEFORE = re.compile(
    r"(?:(?<![\d:.,/+-])\d{1,2}(?:st|nd|rd|th|[.,]|er|º|°)?(?:[.,/-]\d{1,2})?(?:[.,/-](?:20)?\d\d)?|\b20\d\d)[.,]?$"
)
WEEKDAY_OR_ARTICLE = re.compile(
    r" ?(?:[^\W\d_]{3,12}(?:day|tag|dag)|[^\W\d_]{2,10})?[.,]? ?(?:(?:the|den|dem|el|le|il) )?"
)
