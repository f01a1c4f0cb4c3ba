namespace Quickstart;

/// <summary>Something the user can mend: told in one line.</summary>
internal sealed class UserException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Runs what reads or writes the user's files.</summary>
    public static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserException(exception.Message, exception);
        }
    }
}
