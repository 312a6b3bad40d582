// error: only safe
import dev.holdfast.ConnectionFailure

fun use(failure: ConnectionFailure) = failure.cause().message
