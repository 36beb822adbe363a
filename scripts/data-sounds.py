"""Puts sounds of Debian packages into folders, a folder a class.

  python3 scripts/data-sounds.py languages FOLDER    FOLDER/english/vm-intro.wav, … FOLDER/russian/digits/7.wav
  python3 scripts/data-sounds.py letters FOLDER      FOLDER/a/de.ogg, … FOLDER/z/pt_BR.ogg
"""
import os
import re
import shutil
import sys

VOICES = {
    "english": "en_US_f_Allison", "spanish": "es_MX_f_Allison", "french": "fr_CA_f_June", "italian": "it_IT_m_Carlo",
    "russian": "ru_RU_f_IvrvoiceRU",
}
# Sounds without a word.
WORDLESS = {"beep.wav", "beeperr.wav", "ascending-2tone.wav", "descending-2tone.wav", "tt-monkeys.wav"}


def languages(folder):
    """Prompts of a telephone exchange, each in up to five languages."""
    count = 0
    for language, voice in VOICES.items():
        source = f"/usr/share/asterisk/sounds/{voice}"
        require(source, f"asterisk-core-sounds-{voice[:2]}-wav")
        for place, folders, names in os.walk(source):
            folders.sort()
            inside = os.path.relpath(place, source)
            if inside.startswith("silence"):
                continue
            for name in sorted(names):
                if name.endswith(".wav") and name not in WORDLESS:
                    count += copy(os.path.join(place, name), os.path.join(folder, language, "" if inside == "." else inside, name))
    return count


def letters(folder):
    """The letters a to z, as they are named in the languages that KLettres teaches them in."""
    source, count = "/usr/share/klettres", 0
    require(source, "klettres-data")
    for language in sorted(os.listdir(source)):
        path = f"{source}/{language}/sounds.xml"
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            alphabet = re.search(r"<alphabet>(.*?)</alphabet>", file.read(), re.S)
        for name, sound in re.findall(r'<sound name="([A-Za-z])" file="([^"]+)"', alphabet.group(1) if alphabet else ""):
            if os.path.exists(f"{source}/{sound}"):
                count += copy(f"{source}/{sound}", f"{folder}/{name.lower()}/{language}.ogg")
    return count


def require(folder, package):
    if not os.path.isdir(folder):
        sys.exit(f"data: {folder}: expected the sounds of {package}, found none; install it: apt-get install {package}")


def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    return 1


if __name__ == "__main__":
    name, target = sys.argv[1:]
    print(f"{target}: {languages(target) if name == 'languages' else letters(target):,} sounds in folders of {len(os.listdir(target))} classes")
