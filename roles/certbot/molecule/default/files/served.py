#!/usr/bin/python3
"""The certificate that visitors get: a line with its serial number, and one with its names."""

import socket
import ssl
import sys

from cryptography import x509

made = ssl.create_default_context()
made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
with made.wrap_socket(
    socket.create_connection(("127.0.0.1", 443), timeout=10), server_hostname="shop.test"
) as one:
    found = x509.load_der_x509_certificate(one.getpeercert(binary_form=True))
names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
said = [str(found.serial_number), " ".join(sorted(names.get_values_for_type(x509.DNSName)))]
sys.stdout.write("\n".join(said))
