using System.CommandLine;
using System.Globalization;

namespace Quickstart;

/// <summary>Turns arguments into <see cref="Settings"/>, and failures into one line and an exit code.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    private static readonly Option<DirectoryInfo?> _data = new("--data")
    {
        Description = "Train on this folder: IDX files of the MNIST family, or a sub-folder of pictures for each class. Without it: coloured shapes made in code.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> _classes = new("--classes") { Description = "The names of the classes in IDX files, separated by commas.", HelpName = "A,B,…" };
    private static readonly Option<int?> _size = Number<int>("--size", "N", "Resize pictures of a folder to N × N. [default: 32]", n => n is >= 8 and <= 128 && n % 2 == 0, "an even number from 8 to 128");
    private static readonly Option<double?> _seconds = Number<double>("--seconds", "N", "Train for N seconds. [default: 90; 600 with --data; no limit with --steps]", n => n is > 0 and <= 1e6, "a number above 0, up to 1000000");
    private static readonly Option<int?> _steps = Number<int>("--steps", "N", "Train for N steps.", n => n >= 1, "a whole number of 1 or more");
    private static readonly Option<float?> _guidance = Number<float>("--guidance", "W", "The strength of classifier-free guidance; 1 is none. [default: 2]", w => w is >= 0 and <= 100, "a number from 0 to 100");
    private static readonly Option<int?> _count = Number<int>("--count", "N", "Samples of each class. [default: 8]", n => n is >= 1 and <= 1000, "a whole number from 1 to 1000");
    private static readonly Option<int?> _seed = Number<int>("--seed", "S", "The seed of everything random. [default: 1]", n => n >= 0, "a whole number of 0 or more");
    private static readonly Option<string> _output = new("--out") { Description = "Where pictures and model go.", HelpName = "DIR", DefaultValueFactory = _ => "out" };
    private static readonly Option<string?> _model = new("--model") { Description = "Sample from this saved model instead of training.", HelpName = "FILE" };

    public static int Invoke(string[] args, Action<Settings> run)
    {
        var command = new RootCommand("Trains a class-conditional diffusion model on small pictures, saves it, loads it again and samples every class.")
        {
            _data, _classes, _size, _seconds, _steps, _guidance, _count, _seed, _output, _model,
        };
        ParseResult result = command.Parse(args);
        if (result.Errors.Count > 0)
            return Fail(WrongUse, result.Errors[0].Message + " (--help tells what is accepted.)");
        command.SetAction(parsed => Run(parsed, run));
        return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static int Run(ParseResult result, Action<Settings> run)
    {
        try
        {
            run(ToSettings(result));
            return 0;
        }
        catch (Exception exception) when (exception is UserException or IOException or UnauthorizedAccessException)
        {
            return Fail(WrongUse, exception.Message);
        }
        catch (Exception exception)
        {
            // A mistake in the program, not in its use: say all there is to say.
            Console.Error.WriteLine(exception);
            return Failed;
        }
    }

    private static Settings ToSettings(ParseResult result)
    {
        string? data = result.GetValue(_data)?.FullName, model = result.GetValue(_model);
        if (data is not null && model is not null)
            throw new UserException("--data trains and --model samples from what was trained: use one of them.");
        double? seconds = result.GetValue(_seconds) ?? (result.GetValue(_steps) is not null ? null : data is null ? 90 : 600);
        return new Settings
        {
            Data = data,
            Classes = result.GetValue(_classes)?.Split(',', StringSplitOptions.TrimEntries),
            Size = result.GetValue(_size),
            Time = seconds is { } limit ? TimeSpan.FromSeconds(limit) : null,
            Steps = result.GetValue(_steps),
            Guidance = result.GetValue(_guidance) ?? 2,
            Count = result.GetValue(_count) ?? 8,
            Seed = result.GetValue(_seed) ?? 1,
            Output = result.GetValue(_output)!,
            Model = model,
        };
    }

    private static Option<T?> Number<T>(string name, string helpName, string description, Func<T, bool> isValid, string accepted)
        where T : struct, IParsable<T>
    {
        return new Option<T?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (T.TryParse(text, CultureInfo.InvariantCulture, out T value) && isValid(value))
                    return value;
                result.AddError($"{name} is '{text}', expected {accepted}.");
                return null;
            },
        };
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine(message.ReplaceLineEndings(" "));
        return code;
    }
}
