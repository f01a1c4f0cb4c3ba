using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes what a run can go on without, such as metrics: hours of training do not end because a disk was full for a second.</summary>
/// <param name="channel">Is told of the first failure, and when writing works again.</param>
/// <param name="what">What is written, as the subject of a sentence.</param>
internal sealed class OutputGuard(IChannel channel, string what)
{
    private bool _fails;

    /// <summary>Writes, or warns.</summary>
    /// <param name="write">Writes.</param>
    /// <returns>Whether it went well.</returns>
    public bool Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_fails)
                channel.Warning(MessageSensitivity.None, "{0}", $"{what} could not be written, and training goes on without: {exception.Message}");
            _fails = true;
            return false;
        }
        if (_fails)
            channel.Info(MessageSensitivity.None, "{0}", $"{what} can be written again.");
        _fails = false;
        return true;
    }
}
