/** An application that sends and receives JSON. */
module com.example.chat {
    requires dev.holdfast;
    requires com.fasterxml.jackson.databind;

    // Jackson reads and writes the classes of this package.
    opens com.example.chat to
            com.fasterxml.jackson.databind;
}
