// usage: ScriptProbe run|unchecked <file>...           opens and calls each file, and prints a line for each
//        ScriptProbe mutate <seed> <count> <file>...   does so with damaged copies; prints a line for each kind of end, and before each copy its number to the error stream
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.ScriptProbe;

switch (args)
{
    case ["run" or "unchecked", .. var files]:
        AppContext.SetSwitch(TorchScriptConsent.UncheckedSwitch, args[0] == "unchecked");
        foreach (string file in files)
            Console.WriteLine(Attempt(File.ReadAllBytes(file)));
        return 0;
    case ["mutate", var seed, var count, .. var files]:
        var seeds = files.Select(File.ReadAllBytes).ToArray();
        var ends = new SortedDictionary<string, int>();
        for (int i = 0; i < int.Parse(count); i++)
        {
            int number = int.Parse(seed) + i;
            Console.Error.WriteLine(number);
            byte[] damaged = new Mutator(number).Damage(seeds[number % seeds.Length]);
            if (Environment.GetEnvironmentVariable("PROBE_KEEP") is { } kept)
                File.WriteAllBytes(kept, damaged);
            string end = Attempt(damaged).Split(':')[0];
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }
        foreach (var (end, times) in ends)
            Console.WriteLine($"{end}: {times}");
        return 0;
    default:
        Console.Error.WriteLine("usage: ScriptProbe run|unchecked <file>... | mutate <seed> <count> <file>...");
        return 2;
}

static string Attempt(byte[] file)
{
    try
    {
        using var objective = new TorchScriptObjective(file);
        objective.Check(new DataShape(1, 8, 8));
        return "ran: a number for each row";
    }
    catch (ArgumentException exception) when (exception.Message.Contains("is refused") || exception.Message.Contains("no TorchScript"))
    {
        return $"refused: {exception.Message}";
    }
    catch (ArgumentException exception)
    {
        return $"failed: {exception.Message}";
    }
    catch (Exception exception)
    {
        return $"{exception.GetType().Name}: {exception.Message}";
    }
}
