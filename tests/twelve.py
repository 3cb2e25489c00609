"""Twelve announcements in three languages, and a small stand-in for the extraction that finds people and talks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.cleaning import clean
from pipeline.records import Affiliation, Extraction, Mention, Report
from pipeline.running.engine import Engine
from tests import running_fakes as fakes

ENGLISH = (
    "National Library opens a reading room\n\nAlmaty, 12 May 1998. The director of the National Library, Ospanova B., "
    "opened a room for old newspapers yesterday. It is open to all, from 9.00 to 18.00, and admission is free.\n\n"
    "Ospanova B., director, National Library, gave the report “Newspapers of the Steppe”.\n"
    "Karimova A., head, National Library, gave the report “What a catalogue forgets”.\n\n"
    "The room holds 1,200 bound volumes; a list of them can be had at the desk.\n",
    "Seminar on parchment\n\nOn November 24, 1999 a seminar took place in the National Library — its third "
    "this year.\n\n"
    "10.00 Ivanova M., head, National Library: “Parchment and its enemies”\n"
    "10.30 Petrova L., director, National Library: “Ink, gall and iron”\n"
    "11.00 Coffee\n\nThe seminar was held with the café’s kind help.\n",
    "A new head of the archive\n\nIvanova M., head, National Library, has taken up her post. She follows Petrova L., "
    "who retires after thirty-one years in which the collection grew from two rooms to a wing of its own.\n\n"
    "Her first lecture, “The wing of paper”, will be given on 3 June.\n",
    "Readers’ week\n\nThe programme of the week:\n\n- Monday: Karimova A., head, National Library, “Maps & plans”\n"
    "- Tuesday: closed\n- Wednesday: Ospanova B., director, National Library, “Letters < 1900”\n\nAll are welcome.\n",
)
RUSSIAN = (
    "В Национальной библиотеке открыт читальный зал\n\nАлматы, 12 мая 1998 года. Оспанова Б., директор, Национальная "
    "библиотека, открыла вчера зал старых газет. Зал работает ежедневно с 9.00 до 18.00, вход свободный.\n\n"
    "Оспанова Б., директор, Национальная библиотека, выступила с докладом «Газеты степи».\n"
    "Каримова А., заведующая, Национальная библиотека, выступила с докладом «О чём молчит каталог».\n",
    "Семинар о пергаменте\n\n24 ноября 1999 года в библиотеке прошёл семинар — уже третий в этом году.\n\n"
    "10.00 Иванова М., заведующая, Национальная библиотека: «Пергамент и его враги»\n"
    "10.30 Петрова Л., директор, Национальная библиотека: «Чернила и железо»\n11.00 Перерыв\n\n"
    "Участники получили сборник материалов семинара, изданный при поддержке друзей библиотеки.\n",
    "Назначение в архиве\n\nИванова М., заведующая, Национальная библиотека, приступила к работе. Она сменила коллегу, "
    "которая ушла на пенсию после тридцати одного года службы, когда собрание выросло с двух комнат до крыла.\n\n"
    "Первая лекция, «Бумажное крыло», состоится 3 июня.\n",
    "Неделя читателя\n\nПрограмма недели:\n\n- Понедельник: Каримова А., заведующая, Национальная библиотека, "
    "«Карты и планы»\n- Вторник: выходной день\n- Среда: Оспанова Б., директор, Национальная библиотека, "
    "«Письма до 1900 года»\n\nПриглашаются все желающие.\n",
)
KAZAKH = (
    "Ұлттық кітапханада оқу залы ашылды\n\nАлматы, 12 мамыр 1998 жыл. Оспанова Б., директоры, Ұлттық кітапхана, кеше "
    "ескі газеттер залын ашты. Зал күн сайын сағат 9.00-ден 18.00-ге дейін жұмыс істейді, кіру тегін.\n\n"
    "Оспанова Б., директоры, Ұлттық кітапхана, «Дала газеттері» атты баяндама жасады.\n"
    "Кәрімова Ә., директоры, Ұлттық кітапхана, «Каталог не айтпайды» атты баяндама жасады.\n",
    "Пергамент туралы семинар\n\n1999 жылғы 24 қарашада кітапханада семинар өтті — биылғы үшіншісі.\n\n"
    "10.00 Иванова М., директоры, Ұлттық кітапхана: «Пергамент және оның жаулары»\n"
    "10.30 Өтегенова Ң., директоры, Ұлттық кітапхана: «Сия мен темір»\n11.00 Үзіліс\n\n"
    "Қатысушыларға семинар материалдарының жинағы табыс етілді, оны кітапхана достары шығарған болатын.\n",
    "Мұрағатта жаңа басшы\n\nИванова М., директоры, Ұлттық кітапхана, жұмысына кірісті. Ол отыз бір жыл қызмет еткен "
    "әріптесінің орнын басты, сол жылдары қор екі бөлмеден тұтас бір қанатқа дейін өскен еді.\n\n"
    "Алғашқы дәріс, «Қағаз қанат», 3 маусымда өтеді.\n",
    "Оқырман апталығы\n\nАпталықтың бағдарламасы:\n\n- Дүйсенбі: Кәрімова Ә., директоры, Ұлттық кітапхана, "
    "«Карталар мен жоспарлар»\n- Сейсенбі: демалыс күні\n- Сәрсенбі: Оспанова Б., директоры, Ұлттық кітапхана, "
    "«1900 жылға дейінгі хаттар»\n\nБарлығын шақырамыз.\n",
)
TWELVE = (*ENGLISH, *RUSSIAN, *KAZAKH)

_MENTIONS = re.compile(
    r"(?P<PERSON>[^\W\d_]+(?:ova|ова)\s[^\W\d_]\.)|(?P<ROLE>\b(?:director|head|директоры|директор|заведующая)\b)"
    r"|(?P<INSTITUTION>National\sLibrary|Национальная\sбиблиотека|Ұлттық\sкітапхана)\b"
    r"|[«“\"](?P<REPORT>[^»”\"]+)[»”\"]"
)


def extraction(raw: str) -> Extraction:
    """People, roles, institutions and titles by pattern, in the cleaned text, with offsets in the raw one."""
    text = clean(raw)
    mentions = []
    for match in _MENTIONS.finditer(text.clean):
        label = match.lastgroup or ""
        start, end = text.raw_span(match.start(label), match.end(label))
        mentions.append(Mention(label, start, end, raw[start:end]))
    affiliations, reports = [], []
    for i, m in enumerate(mentions):
        following = [n.label for n in mentions[i + 1 : i + 4]]
        if m.label == "PERSON" and following[:2] == ["ROLE", "INSTITUTION"]:
            affiliations.append(Affiliation(i, i + 1, i + 2, m.start, mentions[i + 2].end))
            if following[2:] == ["REPORT"]:
                reports.append(Report(i + 3, i, i + 2, None, "report", None, m.start, mentions[i + 3].end))
    return replace(
        Extraction(raw, "en", tuple(mentions), tuple(affiliations), tuple(reports)), furniture=text.furniture
    )


def extract_many(raws: Iterable[str]) -> Iterator[Extraction]:
    return map(extraction, raws)


def make_engine(language: str, model: str = "fast") -> Engine:
    return replace(fakes.make_engine(language), extract_many=extract_many)
