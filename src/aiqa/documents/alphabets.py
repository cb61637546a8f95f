"""Letters beyond ASCII by language, the most frequent first, to tell encodings apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters of a language that are not ASCII: frequent ones, and all others.

    ``share`` is what part of such letters in any text the frequent ones make up; 1 where both are
    told apart too little to matter.
    """

    frequent: frozenset[str]
    others: frozenset[str] = frozenset()
    share: float = 1.0


def _latin(letters: str) -> Alphabet:
    return Alphabet(frozenset(letters + letters.upper()))


def _letters(frequent: str, others: str) -> Alphabet:
    return Alphabet(frozenset(frequent + frequent.upper()), frozenset(others + others.upper()), 0.6)


def _signs(frequent: str, share: float) -> Alphabet:
    return Alphabet(frozenset(frequent), share=share)


_KANA = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC]))

LETTERS = (
    _latin("äöüß"),  # German
    _latin("éèêàçùâîôûëïœæ"),  # French
    _latin("áéíóúñü¿¡ªº"),  # Spanish
    _latin("áâãàçéêíóôõúº"),  # Portuguese
    _latin("àèéìòù"),  # Italian
    _latin("åäöéæø"),  # Swedish, Danish, Norwegian, Finnish
    _latin("áðéíóúýþæö"),  # Icelandic
    _latin("ąćęłńóśźż"),  # Polish
    _latin("áčďéěíňóřšťúůýž"),  # Czech
    _latin("áäčďéíĺľňóôŕšťúýž"),  # Slovak
    _latin("áéíóöőúüű"),  # Hungarian
    _latin("ăâîșțşţ"),  # Romanian
    _latin("čćđšž"),  # Croatian, Slovene
    _latin("çğıİöşüâî"),  # Turkish
    _latin("ąčęėįšųūž"),  # Lithuanian
    _latin("āčēģīķļņšūž"),  # Latvian
    _latin("äõöüšž"),  # Estonian
    _letters("оеаинтсрвл", "бгдёжзйкмпуфхцчшщъыьэюя"),  # Russian
    _letters("оаинівтерс", "бгґдєжзйїклмпуфхцчшщьюя"),  # Ukrainian
    _letters("аоеитнрсвл", "бгджзйкмпуфхцчшщъьюя"),  # Bulgarian
    _letters("аоиенрстјв", "бгдђжзклљмњпћуфхцчџш"),  # Serbian
    _letters("аеінорслтк", "бвгдёжзймпуўфхцчшыьэюя"),  # Belarusian
    _letters("αοιετςνσρηά", "βγδζθκλμξπυφχψωέήίόύώϊϋΐΰ"),  # Greek
    _letters("יוהלאמרתבש", "גדזחטךכםןנסעףפץצק"),  # Hebrew
    _letters("اليمنورتبة", "ءآأؤإئثجحخدذزسشصضطظعغفقكهى"),  # Arabic
    _letters("านรอกเงยลมวส", "ตทดบคพหปใชแขจไะัิีึืุู่้็์ำถผซภธฎฏฐณญศษฉฟฝฮโ"),  # Thai
)
"""Of languages whose encodings have a byte a character."""

JAPANESE = _signs(_KANA + "。、「」", 0.5)
SIMPLIFIED = _signs(
    "的一是不了在有人我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过"
    "家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本"
    "见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工"
    "己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西"
    "再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通"
    "目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界"
    "及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让，。",
    0.7,
)
TRADITIONAL = _signs(
    "的一是不了在有人我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過"
    "家學對可里後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本"
    "見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工"
    "己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西"
    "再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通"
    "目華報立馬命張活難神數件安表原車白應路期叫死常提感金何更反合放做系計或司利受光王果親界"
    "及今京務制解各任至清物臺象記邊共風戰干接它許八特覺望直服毛林題建南度統色字請交愛讓，。",
    0.7,
)
KOREAN = _signs(
    "이다는을의에가고하지기로은사도를어서아인자리한해대나시정들그일수장제보여부라상스과성조공"
    "소전동주요만구원우면게있유오위니국경세할무방비미신마관물실당김책임매받",
    0.5,
)
