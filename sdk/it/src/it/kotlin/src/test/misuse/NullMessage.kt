// error: argument type mismatch
import dev.holdfast.HoldfastClient

fun use(client: HoldfastClient, value: Any?) = client.send(value)
