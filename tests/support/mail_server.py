"""A real mail server for the tests, on loopback.

Prints "listening PORT" when it takes connections. Every mail that it takes
becomes a file NUMBER.eml in the folder, before the sender hears of it; the
recipient stands in the line "X-Rcpt". What it does with a mail depends on the
recipient:

    nobody@   refused: 550 at RCPT
    later@    asked to come back: 451 at RCPT, for ever
    once@     asked to come back the first time, taken the second
    full@     refused: 552 after DATA
    spam@     refused: 554 after DATA
    silent@   taken into the folder, and never answered
    cut@      taken into the folder, and the connection is cut without an answer
    others    taken

With --first, the first mail is taken into the folder, and then

    silent    never answered
    wait      answered when a file "go" appears in the folder
"""

import argparse
import asyncio
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

options = argparse.ArgumentParser()
options.add_argument("--folder", required=True)
options.add_argument("--port", type=int, default=0)
options.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
options.add_argument("--certificate")
options.add_argument("--key")
options.add_argument("--login", help="USER:PASSWORD that is asked for")
options.add_argument("--first", choices=["silent", "wait"])
options = options.parse_args()

count = 0
asked = set()


def keep(envelope):
    global count
    count += 1
    name = os.path.join(options.folder, f"{count:06}")
    with open(name + ".part", "wb") as file:
        for recipient in envelope.rcpt_tos:
            file.write(f"X-Rcpt: {recipient}\r\n".encode())
        file.write(envelope.original_content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(name + ".part", name + ".eml")


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        who = address.split("@")[0]
        if who == "nobody":
            return "550 5.1.1 No such user here"
        if who == "later" or (who == "once" and address not in asked):
            asked.add(address)
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        who = envelope.rcpt_tos[0].split("@")[0]
        if who == "full":
            return "552 5.3.4 Message too big"
        if who == "spam":
            return "554 5.7.1 Message looks like spam"
        keep(envelope)
        if who == "silent" or (options.first == "silent" and count == 1):
            await asyncio.Event().wait()
        if options.first == "wait" and count == 1:
            while not os.path.exists(os.path.join(options.folder, "go")):
                await asyncio.sleep(0.02)
        if who == "cut":
            server.transport.abort()
        return "250 Taken"


def authenticator(server, session, envelope, mechanism, data):
    user, password = options.login.split(":", 1)
    good = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=good)


async def main():
    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    starttls = options.tls == "starttls"

    def session():
        return SMTP(
            Handler(),
            hostname="mail.test",
            enable_SMTPUTF8=False,
            tls_context=context if starttls else None,
            require_starttls=starttls,
            authenticator=authenticator if options.login else None,
            auth_required=bool(options.login),
            auth_require_tls=starttls,
        )

    server = await asyncio.get_running_loop().create_server(
        session,
        "127.0.0.1",
        options.port,
        ssl=context if options.tls == "implicit" else None,
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
