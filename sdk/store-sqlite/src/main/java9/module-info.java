/** Durable sessions in a SQLite file. */
module dev.holdfast.store.sqlite {
    exports dev.holdfast.store.sqlite;

    requires transitive dev.holdfast;
    requires transitive java.sql;
    requires org.xerial.sqlitejdbc;
    requires static org.jspecify;
}
