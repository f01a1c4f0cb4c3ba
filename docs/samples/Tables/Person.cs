namespace Tables;

// <snippet>
/// <summary>A row of the table: numbers that depend on each other, and a group.</summary>
internal sealed class Person
{
    public string Group { get; set; } = "";

    public float Age { get; set; }

    public float Height { get; set; }

    public float Income { get; set; }

    /// <summary>Invented people.</summary>
    public static IEnumerable<Person> Make(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            bool isStudent = i % 2 == 0;
            float age = isStudent ? 18 + 10 * random.NextSingle() : 30 + 35 * random.NextSingle();
            yield return new Person
            {
                Group = isStudent ? "student" : "worker",
                Age = age,
                Height = 170 + 20 * (random.NextSingle() - random.NextSingle()),
                Income = (isStudent ? 400 : 1_000 + 50 * age) * (0.8f + 0.4f * random.NextSingle()),
            };
        }
    }
}
// </snippet>
